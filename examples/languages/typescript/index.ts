import * as pulumi from "@pulumi/pulumi";
import * as mps from "pulumi-alicloud-mps";

const config = new pulumi.Config();

const library = new mps.FpShotDB("songs", {
    modelId: mps.FpModel.Audio,
    description: config.require("description"),
    forceDestroy: config.requireBoolean("forceDestroy"),
});

const partner = new mps.Provider("partner", {
    region: "ap-southeast-1",
    accessKey: config.requireSecret("partnerAccessKey"),
    secretKey: config.requireSecret("partnerSecretKey"),
    endpoint: mps.config.endpoint,
});

const clips = new mps.FpShotDB("films", { modelId: mps.FpModel.Video }, { provider: partner });

const found = mps.getFpShotDBOutput({ fpDbId: library.fpDbId });
const listed = mps.getFpShotDBsOutput({ ids: [clips.fpDbId] }, { provider: partner });

export const songs = library.fpDbId;
export const name = found.name;
export const films = listed.names;
