"""The core: media fingerprint libraries of ApsaraVideo MPS, for any caller."""
