package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	mps "pulumi-alicloud-mps/sdk/go/alicloudmps"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")

		songs, err := mps.NewFpShotDB(ctx, "songs", &mps.FpShotDBArgs{
			ModelId:      mps.FpModelAudio,
			Description:  pulumi.String(settings.Require("description")),
			ForceDestroy: pulumi.Bool(settings.RequireBool("forceDestroy")),
		})
		if err != nil {
			return err
		}

		// Another region and account; all else is as the stack's configuration says.
		partner, err := mps.NewProvider(ctx, "partner", &mps.ProviderArgs{
			Region:    pulumi.String("ap-southeast-1"),
			AccessKey: settings.RequireSecret("partnerAccessKey"),
			SecretKey: settings.RequireSecret("partnerSecretKey"),
		})
		if err != nil {
			return err
		}

		films, err := mps.NewFpShotDB(ctx, "films", &mps.FpShotDBArgs{
			ModelId: mps.FpModelVideo,
		}, pulumi.Provider(partner))
		if err != nil {
			return err
		}

		found := mps.LookupFpShotDBOutput(ctx, mps.LookupFpShotDBOutputArgs{FpDbId: songs.FpDbId})
		listed := mps.GetFpShotDBsOutput(ctx, mps.GetFpShotDBsOutputArgs{
			Ids: pulumi.StringArray{films.FpDbId},
		}, pulumi.Provider(partner))

		ctx.Export("fpDbId", songs.FpDbId)
		ctx.Export("name", found.Name())
		ctx.Export("names", listed.Names())
		return nil
	})
}
