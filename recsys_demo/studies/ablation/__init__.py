"""What each part of a model is worth: trained again without it, or switched off in a trained one.

The two are never the same number. *Retrained*: the other parts had the chance to take over.
*Switched off*: they had not.
"""

RETRAINED = "retrained"
SWITCHED_OFF = "switched off"
