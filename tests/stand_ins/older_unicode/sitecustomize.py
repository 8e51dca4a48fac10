"""Stand-in for an older Python: its tables are those of Unicode 3.2, and know nothing younger."""

import sys
import types
import unicodedata as new

old = types.ModuleType("unicodedata")
old.__dict__.update({k: getattr(new, k) for k in dir(new)})
old.__dict__.update(
    {k: getattr(new.ucd_3_2_0, k) for k in dir(new.ucd_3_2_0) if not k.startswith("__")}
)
sys.modules["unicodedata"] = old
