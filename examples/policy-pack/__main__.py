"""A policy pack: what the libraries of a company's stacks may be."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

# Of the native provider, whose properties are in camelCase, and of the dynamic one.
LIBRARIES = {"alicloud-mps:index:FpShotDB", "pulumi-python:dynamic/alicloud-mps:FpShotDB"}
REGIONS = {"cn-beijing", "cn-shanghai"}


def content_stays(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Refuse what would let a deletion destroy fingerprints."""
    forced = args.props.get("forceDestroy") or args.props.get("force_destroy")
    if args.resource_type in LIBRARIES and forced:
        report("force_destroy would let a deletion destroy fingerprints.", None)


def region_is_ours(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Refuse libraries where the company has none."""
    # A region that only an output tells is not known in a preview.
    region = args.props.get("region")
    if args.resource_type in LIBRARIES and region and region not in REGIONS:
        report(f"Libraries are in {' or '.join(sorted(REGIONS))}, and not in {region}.", None)


PolicyPack(
    name="media-fingerprints",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name="content-stays",
            description="Nobody destroys fingerprints by mistake.",
            validate=content_stays,
        ),
        ResourceValidationPolicy(
            name="region-is-ours",
            description="Media stay where the company has libraries.",
            validate=region_is_ours,
        ),
    ],
)
