"""A Great Expectations project as code: suites, a checkpoint, its actions and pages.

from quality.expectations.project import Project
Project().context.suites.all()
"""

import os

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before it is imported: it tells nobody anything
