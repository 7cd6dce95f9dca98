"""Trading's vocabulary: its units, roles, starting values and rule words."""

from core.vocabulary import Vocabulary
from trading.shell.vocabulary.roles import PHASES, ROLES
from trading.shell.vocabulary.starting import SeriesCatalogue
from trading.shell.vocabulary.units import units

VOCABULARY = Vocabulary(
    name="trading.shell.vocabulary",
    units=units(),
    roles=ROLES,
    phases=PHASES,
    starting=SeriesCatalogue(),
)
