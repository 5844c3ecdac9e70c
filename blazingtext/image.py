"""BlazingText's image in a region, from the list that the sagemaker package brings along."""

import warnings

from storage.errors import BucketError, PackageMissingError

ALGORITHM, VERSION = "blazingtext", "1"


def image_uri(region: str) -> str:
    """The URI of the image.

    Raises:
        PackageMissingError: the sagemaker package is missing.
        BucketError: BlazingText is not in that region.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from sagemaker.core import image_uris
    except ImportError:
        raise PackageMissingError(
            "the image's URI needs sagemaker: pip install 'blazing-corpus[aws]', or give --image"
        ) from None
    try:
        return str(image_uris.retrieve(ALGORITHM, region, version=VERSION))
    except ValueError:
        raise BucketError(f"BlazingText is not known to be in region {region}: --image") from None
