"""The grammar every rule language shares: comparisons, crossings, and how they join.

A vocabulary's fragment adds `statement` (what a sentence may say), `series` (what its
values are called), `fact` (conditions of its own), `extra_predicate` and `adverb` (conditions that may
follow another without "and"). Words are literals; `WordLexer` gives the tokens.
"""

CORE_GRAMMAR = r"""
%declare NUMBER NAME CLOCK PAIR WORD MARK BIG OTHER

start: statement (_then statement)* _stop?
_then: ("," | "and" | "with" | "using" | "but")*
_stop: ","

// conditions -----------------------------------------------------------------------
truth: chain                                        -> truth
     | chain ","? "unless" chain                     -> unless
chain: item (join item | adverb)*
join: ("and" | _while)                                -> weak_and
    | "or"                                          -> weak_or
    | ","                                           -> comma
    | ("," "and" | "," _while)                        -> strong_and
    | "," "or"                                      -> strong_or
_while: "while" | "but" | "with" | "given" "that"? | "only"? "when" | "only"? "if"
      | "as" "long" "as" | "provided" "that"? | "where" | "whenever" | "and" "if"
      | "and" "when" | "and" "only" "if" | "and" "only" "when" | "but" "only" "if"?
      | "but" "only" "when"

?item: comparison
     | fact
     | adverb
     | "(" truth ")"
     | "either" item                                -> either
     | "both" item
     | "neither" item "nor" item                    -> neither
     | "not" item                                   -> not_
     | "(" truth ")" _has? held                     -> held_group
     | NAME                                         -> flag
     | NAME "is" "true"                             -> flag
     | NAME "is" "false"                            -> no_flag
_has: "has" "held" | "have" "held" | "holds" | "held"

comparison: subject predicate (share predicate)*
          | sum step+ last_step                         -> stepwise
?subject: sum | ("it" | "they")                         -> that
step: _be? relation (series | NAME)
last_step: _be? relation sum                            -> step
share: ("and" | "but" | "and" "is" | "but" "is")      -> weak_and
     | "or"                                         -> weak_or
     | ("," "and" | "," "but")                        -> strong_and

?predicate: _be? relation sum held?                 -> compares
          | _be "not" relation sum held?            -> compares_not
          | _be? "between" range held?              -> between
          | _be? "in" "range"? "of"? range held?    -> between
          | _be? ("not" "between" | "outside" "of"? | "out" "of") range -> outside
          | _be? relation (_each_of several | series_list) -> compares_all
          | _be? relation (_one_of several_or | series_or) -> compares_any
          | _cross_up sum?                          -> crosses_up
          | _cross_down sum?                        -> crosses_down
          | _cross sum "from" ("below" | "under")   -> crosses_up
          | _cross sum "from" ("above" | "over")    -> crosses_down
          | _cross _back                            -> crosses_back
          | _be? "within" percent "of" sum          -> within
          | _be? relation? percent _over sum        -> percent_above
          | _be? relation? percent _under sum       -> percent_below
          | _be "positive" held?                    -> positive
          | _be "negative" held?                    -> negative
          | _turn "positive"                        -> turns_positive
          | _turn "negative"                        -> turns_negative
          | _be? _rising held?                      -> rising
          | _be? _falling held?                     -> falling
          | _gained relation? percent span          -> gained
          | _lost relation? percent span            -> lost
          | _be times_as held?                        -> at_least_times
          | extra_predicate
times_as: value ("x" | "*" | "times") value         -> multiply
        | ("twice" | "double") value                -> twice
        | percent "of" value                        -> percent_of
_each_of: "all" NUMBER? "of"? | "both" "of"? | "each" "of"
_one_of: "any" "of"? | "either" "of"? | "one" "of"
several: sum (("," | "and" | "," "and") sum)+
series_list: series (("," | "and" | "," "and") series)+ -> several
series_or: series ("or" series)+                        -> several
several_or: sum (("," | "or" | "," "or") sum)+
range: sum ("and" | "to" | "-") sum
span: _during ("last" | "past" | "previous" | "prior")? bars
    | _during "single"? "bar"                       -> one_bar
_during: "over" | "in" | "within" | "during" | "for" | "across" | "on"
held: _for bars
_for: "for" ("last" | "past" | "at" "least")? | "over" "last" | "during" "last" | "in" "last"
bars: NUMBER ("consecutive" | "straight")? "bar" ("in" "row" | "straight")?
    | "consecutive"? "bar" NUMBER                   -> bars

_be: "is" | "are" | "be" | "was" | "has" "been" | "have" "been" | "must" "be" | "being"
   | "stays" | "stayed" | "remains" | "remained" | "has" "stayed" | "holds" | "trades"
   | "trading" | "is" "trading" | "sits" | "closes" | "closed" | "should" "be" | "reads"
   | "is" "at" | "keeps" | "gets" "to"
relation: _over                                     -> over
        | _under                                    -> under
        | _at_least                                 -> at_least
        | _at_most                                  -> at_most
        | _equal                                    -> equal
        | ("!=" | "not" _equal | "different" "from")  -> unequal
_over: "above" | "over" | _more "than" | ">" | "exceeds" | "exceed" | "beyond" | "exceeding"
_more: "greater" | "higher" | "more" | "larger" | "bigger"
_under: "below" | "under" | _less "than" | "<" | "beneath"
_less: "less" | "lower" | "smaller" | "fewer"
_at_least: "at"? "least" | ">=" | "no" _less "than" | "not" "less" "than" | _over _or_equal
         | _more "than" "or" "equal" "to"
_at_most: "at"? "most" | "<=" | "no" _more "than" | _under _or_equal
        | _less "than" "or" "equal" "to"
_or_equal: "or" "equal" "to" | "or" "at"
_equal: "=" | "equals" | "equal" "to"? | "exactly"

_cross_up: _cross _back? ("above" | "over" | "up" ("through" | "above" | "over" | "past")? | "upward" "through" | "upwards" "through")
         | _climb _back? ("above" | "over" | "through" | "past")
_cross_down: _cross _back? ("below" | "under" | "down" ("through" | "below" | "under")? | "downward" "through" | "downwards" "through")
           | _drop _back? ("below" | "under" | "through" | "past")
_cross: "crosses" | "breaks" | "moves" | "goes" | "gets" | "comes" | "passes" | "pushes" | "turns" | "is" "crosses" | "has" "crosses" | "breaks" "out"
_climb: "climbs" | "rises" | "jumps" | "rallies" | "recovers" | "bounces" | "spikes"
_drop: "drops" | "falls" | "dips" | "slips" | "sinks" | "declines"
_back: "back"
_turn: "turns" | "becomes" | "goes" | "flips" | "crosses" | "gets" | "moves"
_rising: "rising" | "increasing" | "climbing" | "growing" | "rises" | "increases" | "going" "up" | "trending" "up" | "sloping" "up"
_falling: "falling" | "decreasing" | "declining" | "dropping" | "falls" | "decreases" | "going" "down" | "trending" "down" | "sloping" "down"
_gained: (_be "up" | "up" | "rises" | "climbs" | "gains" | "increases" | "jumps" | "rallies" | _perfect ("risen" | "gained" | "increased" | "climbs" | "rallied" | "jumped")) "by"?
_lost: (_be "down" | "down" | "falls" | "drops" | "loses" | "decreases" | "declines" | "dips" | _perfect ("fallen" | "drops" | "lost" | "decreased" | "declined" | "dips")) "by"?
_perfect: "has" | "have"

// numbers --------------------------------------------------------------------------
?sum: product
    | sum ("+" | "plus") product                    -> add
    | sum ("-" | "minus") product                   -> subtract
?product: value
        | product ("x" | "*" | "times") value       -> multiply
        | product ("/" | "divided" "by") value      -> divide
        | ("twice" | "double") value                -> twice
        | "half" "of"? value                        -> half
        | percent "of" value                        -> percent_of
?value: NUMBER                                      -> number
      | percent                                     -> percent_number
      | "-" value                                   -> negative_number
      | "(" sum ")"
      | "abs" "(" sum ")"                           -> absolute
      | "min" "(" sum ("," sum)+ ")"                -> smallest
      | "max" "(" sum ("," sum)+ ")"                -> largest
      | series
      | NAME                                        -> named
percent: NUMBER ("%" | "percent")
"""
