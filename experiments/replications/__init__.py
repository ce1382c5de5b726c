"""Published models as configurations of this one: a module and a scenario a paper, run by ``schoolflight replicate``."""
