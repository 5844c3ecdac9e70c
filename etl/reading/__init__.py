"""What there is to read: listings of folders, zips and S3, and the bytes of their files."""
