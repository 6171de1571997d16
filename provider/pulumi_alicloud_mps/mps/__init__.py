"""The core: media fingerprint libraries of ApsaraVideo MPS, without Pulumi."""
