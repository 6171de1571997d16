import * as pulumi from "@pulumi/pulumi";
import * as mps from "pulumi-alicloud-mps";

const config = new pulumi.Config();

const songs = new mps.FpShotDB("songs", {
    modelId: mps.FpModel.Audio,
    description: config.require("description"),
    forceDestroy: config.requireBoolean("forceDestroy"),
});

// Another region and account; all else is as the stack's configuration says.
const partner = new mps.Provider("partner", {
    region: "ap-southeast-1",
    accessKey: config.requireSecret("partnerAccessKey"),
    secretKey: config.requireSecret("partnerSecretKey"),
});

const films = new mps.FpShotDB("films", { modelId: mps.FpModel.Video }, { provider: partner });

const found = mps.getFpShotDBOutput({ fpDbId: songs.fpDbId });
const listed = mps.getFpShotDBsOutput({ ids: [films.fpDbId] }, { provider: partner });

export const fpDbId = songs.fpDbId;
export const name = found.name;
export const names = listed.names;
