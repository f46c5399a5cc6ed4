from . import link, paste
