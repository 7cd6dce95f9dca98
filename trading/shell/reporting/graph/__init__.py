"""A stack drawn: its modules, and the names that connect them.

`opened` makes the graph from a stack's files; `drawn` is one SVG of it, `written` the
same as text, `renewed` a page of documentation with its tables.
"""

from trading.shell.reporting.graph.drawing import drawn as drawn
from trading.shell.reporting.graph.model import Graph as Graph
from trading.shell.reporting.graph.model import graph_of as graph_of
from trading.shell.reporting.graph.opening import Opened as Opened
from trading.shell.reporting.graph.opening import opened as opened
from trading.shell.reporting.graph.tables import renewed as renewed
from trading.shell.reporting.graph.text import written as written
