"""The words of trading rules, on top of core's grammar of conditions.

Statements say what to do (enter, exit, stop, target, size, leverage); series name what
the shell computes; facts are conditions traders have words for.
"""

GRAMMAR = r"""
statement: "to"? (entry | exit) | stop | target | size | leverage | only | never | setting
         | defined | _heading

_heading: ("rules" | "strategy" | "setup" | "conditions" | "plan" | "management") ":"

// what to do -----------------------------------------------------------------------
entry: _to_long market? timing? _when truth                   -> long_entry
     | _to_short market? timing? _when truth                  -> short_entry
     | _when truth ","? _to_long market?                      -> long_entry
     | _when truth ","? _to_short market?                     -> short_entry
     | market? timing? ","? _when truth ","? _to_long         -> long_entry
     | _to_long "$"? amount "of"? market? _when truth         -> long_entry_for
     | _to_short "$"? amount "of"? market? _when truth        -> short_entry_for
_when: ("when" | "if" | "once" | "whenever" | "as" "soon" "as" | "only" "when" | "only" "if"
     | "every" "time" | "each" "time" | "on" "condition" "that" | "provided" "that"?) ":"?
     | ":"
_to_long: "buy" | "enter" _trade? | "enter"? "long" _trade? | "go" "long" | "open" "long" _trade?
        | "open" _trade | "take" "long" _trade? | "entry" | "long" "entry" | "entry" "long"
        | "get" "long" | "buy" "long" | "start" "long" _trade? | "enter" "into" "long" _trade?
_to_short: "short" _trade? | "go" "short" | "open" "short" _trade? | "enter" "short" _trade?
         | "sell" "short" | "take" "short" _trade? | "short" "entry" | "short" "sell"
         | "entry" "short" | "get" "short" | "enter" "into" "short" _trade?
_trade: "position" | "trade" | "market" | "positions"

exit: _to_exit market? _when truth                            -> exit
    | _to_exit_long market? _when truth                       -> long_exit
    | _to_exit_short market? _when truth                      -> short_exit
    | _when truth ","? _to_exit market?                       -> exit
    | _when truth ","? _to_exit_long market?                  -> long_exit
    | _when truth ","? _to_exit_short market?                 -> short_exit
    | (_to_exit | "time" "stop") "after" bars                 -> exit_after
    | "hold" _trade? "for" ("at" "most")? bars                -> exit_after
    | _to_exit "at" moment                                    -> exit_at
_to_exit: "exit" _trade? | "close" _trade? | "get" "out" | "close" "everything" | "close" "all" _trade
        | "leave" _trade? | "exits" | "exit" "all"
_to_exit_long: "sell" _trade? | "exit" "long" _trade? | "close" "long" _trade? | "long" "exit"
             | "exit" "longs" | "close" "longs" | "sell" "everything" | "exit" "from"? "long"
_to_exit_short: "cover" _trade? | "exit" "short" _trade? | "close" "short" _trade? | "short" "exit"
              | "buy" "to" "cover" | "cover" "short" _trade? | "exit" "shorts" | "close" "shorts"
              | "buy" "back"

stop: _put? _stop_word sides? _at? distance away? sides?      -> stop
    | _put? distance _stop_word sides? away?                  -> stop
    | _put? _trailing sides? _at? distance away? sides?       -> trailing
    | _put? distance _trailing sides?                         -> trailing
    | _trail _stop_word? "by" distance away?                  -> trailing
_stop_word: "stop" "loss"? | "sl" | "stoploss" | "protective" "stop"
_trailing: "trailing" "stop"? "loss"?
_trail: "trail"
_put: "use" | "set" | "place" | "put" | "with" | "add" | "have" | "keep" | "using" | "apply" | "take"
_at: "at" | "is" | "of" | "to" | ":" | "=" | "will" "be" | "should" "be" | "by" | "is" "at"
away: _below _entry                                           -> below
    | _above _entry                                           -> above
    | ("from" | "away" "from" | "of" | "off") _entry          -> from_entry
    | "below"                                                 -> below
    | "above"                                                 -> above
_below: "below" | "under" | "beneath" | "less" "than"
_above: "above" | "over" | "more" "than"
_entry: "entry" "price"? | "close" "price"? | "buy" "price" | "price" | "fill" "price"?
      | "purchase" "price" | "cost"
sides: "for" ("long" | "longs")                               -> longs
     | "for" ("short" | "shorts")                             -> shorts
     | "for" "long" "and" "short" | "for" "longs" "and" "shorts" | "for" "both" "sides"?
distance: percent                                             -> percent_away
        | NUMBER ("x" | "*" | "times")? "of"? atr             -> atr_away
        | atr                                                 -> one_atr_away
        | atr ("x" | "*" | "times") NUMBER                    -> atr_times_away
        | "$" NUMBER                                          -> money_away
        | NUMBER "dollar"                                     -> money_away
        | (_below | _above) level                             -> beside_level
        | level                                               -> level
level: sum

target: _put? _target_word sides? _at? goal away? sides?      -> target
      | _put? goal _target_word sides? away?                  -> target
      | _put? _reward "ratio"? _at? ratio                     -> reward_target
      | _put? ratio _reward "ratio"?                          -> reward_target
_target_word: "take" "profit" "target"? | "profit" "target" | "target" "price"? | "tp"
            | "target" "profit" | "price" "target" | "profit"
?goal: distance | multiple
multiple: NUMBER ("r" | "x" "risk" | "times" "risk")
_reward: "reward" ("to" | "/" | ":")? "risk" | "risk" ("to" | "/" | ":")? "reward"
ratio: NUMBER (":" | "to") NUMBER | NUMBER

size: _put? "risk" sides? _share _for_each sides? cap?         -> risk_size
    | _put? percent "risk" _for_each                          -> risk_size
    | (_invest | _size_word _at?) _share _for_each cap?       -> share_size
    | (_invest "all" "of"? _purse | "all" "in") _for_each     -> full_size
    | (_invest | _size_word _at?) ("$" amount | amount "dollar") _for_each -> money_size
    | size "times" "leverage" cap?                              -> levered_size
_share: percent "of"? _purse?
_for_each: _per?
_invest: "invest" | "use" | "put" | "commit" | "allocate" | "spend" | "stake" | "trade" "with" | "bet" | "buy"? "with"
       | "size"
_size_word: _put? ("position" | "trade" | "order")? ("size" | "sizes")
_purse: "equity" | "account" "equity"? | "capital" | "balance" | "portfolio" | "account" "balance" | "money" | "cash"
      | "account" "value"? | "total" "equity"
_per: ("per" | "on" | "for" | "in" | "into" | "every") ("each" | "every")? _trade | "each" "time" | "each" _trade | _trade
    | "per" "position" | "to" "each"? _trade | "at" "time"
cap: ","? ("at" "most" | "max" | "maximum" | "up" "to" | "but" "no" "more" "than" | "no" "more" "than" | "capped" "at") "$" amount
amount: NUMBER

leverage: _levered _when truth ","? _else _levered_else       -> leverage_either
        | _levered                                            -> leverage
        | _put? _lever_word _at? "from"? "between"? times ("to" | "and" | "-") times _with_what driver -> leverage_between
        | _put? _lever_word _at? "from" times "at" driver "of"? sum "to" times "at" driver? "of"? sum -> leverage_ramp
        | ("no" _lever_word | "without" _lever_word)            -> no_leverage
_levered: _lever times | _put? times _lever_word
_levered_else: _levered | times
_lever_word: "leverage"
_lever: _put? _lever_word _at?
_else: "else" | "otherwise" | "and" "otherwise" | "or" "else"
_with_what: "with" | "by" | "depending" "on" | "according" "to" | "based" "on" | "on" | "as" | "scaled" "by" | "from"
driver: sum ("falls" | "rises")?
times: NUMBER "x"? | "x" NUMBER | NUMBER "times"

only: _only_trade _when? truth                                -> only
_only_trade: "only"? "trade" "only"? | "only" ("buy" | "enter" | "open" _trade)
           | "trade" "allowed"? "only" | "enter" "only"
never: _never _when? truth                                    -> never
     | _never_on truth                                        -> never
_never: ("never" | "not" | "no" | "avoid") ("trade" | "buy" | "enter" | "trading" | "entries" | "new"? _trade | "buying" | "entering" | "open" _trade | "go" "long")
_never_on: "avoid" | "skip"

setting: ("trade" | "for" | "on" | "market" ":"? | "symbols" ":"? | "symbol" ":"? | "using"? "use"?) market timing? -> setting
       | timing                                               -> setting
       | "timeframe" ":"? timeframe                           -> setting
       | "trade" timing                                       -> setting
market: symbol (("," | "and" | "," "and" | "or" | "/") symbol)* timing?
!symbol: PAIR | "btc" | "bitcoin" | "xbt" | "eth" | "ethereum" | "ether" | "sol" | "solana" | "xrp" | "ada" | "doge" | "ltc" | "dot" | "link" | "avax" | "bnb" | "matic" | "bch"
timing: ("on" | "using" | "at" | "with" | "in")? timeframe _chart
      | ("on" | "using" | "in")  timeframe _chart?
_chart: "chart" | "bar" | "timeframe" | "data"
timeframe: NUMBER ("m" | "min" | "minute" | "minutes")      -> minutes
         | NUMBER ("h" | "hour" | "hours" | "hr")             -> hours
         | NUMBER ("d" | "day" | "days")                      -> days
         | NUMBER ("w" | "week" | "weeks")                    -> weeks
         | ("hourly" | "h")                                   -> hours
         | ("daily" | "d")                                    -> days
         | "weekly"                                           -> weeks
defined: NAME "is" "true" _when truth                         -> condition

// values ---------------------------------------------------------------------------
series: field                                                 -> field
      | average                                               -> average
      | oscillator                                            -> oscillator
      | macd
      | band
      | atr
      | derived
      | "volatility" period?                                  -> volatility
      | NUMBER "bar" "volatility"                             -> volatility
      | ("relative" "volume" | "volume" "ratio") period?      -> volume_ratio
!field: "open" | "high" | "low" | "close" | "price" | "volume" | "equity" | "cash" | "hour" | "weekday"
      | "close" "price" | "closing" "price" | "open" "price" | "opening" "price" | "bar" | "entry" "price" | "minute" | "position"
      | "entry" | "bars" "held" | "high" "price" | "low" "price" | "market" "price" | "last" "price"
      | symbol_field
symbol_field: symbol "price"? | symbol "close"
period: NUMBER | "(" NUMBER "bar"? ")" | "of" NUMBER "bar" | "over" "last"? NUMBER "bar"
average: average_kind period
       | NUMBER "bar"? average_kind "line"?
!average_kind: "ema" | "sma" | "ma" | "wma" | "vwap" | "exponential" "moving" "average" | "simple" "moving" "average"
       | "moving" "average" | "weighted" "moving" "average" | "exponential" "average"
oscillator: oscillator_kind period? | NUMBER "bar" oscillator_kind
!oscillator_kind: "rsi" | "adx" | "stochastic" | "stoch" | "mfi" | "cci" | "williams" | "roc" | "aroon" ("up" | "down")
       | "stochastic" "signal" | "stochastic" "k" | "stochastic" "%" "k" | "stochastic" "d" | "stochastic" "%" "d" | "plus" "di" | "minus" "di" | "relative" "strength" "index" | "rate" "of" "change"
       | "money" "flow" "index" | "atr" "percent" | "bandwidth"
macd: "macd" macd_numbers? "line"?                            -> macd
    | ("macd" macd_numbers? "histogram" | "histogram")          -> macd_histogram
    | ("macd" macd_numbers? "signal" "line"? | "signal" "line"? | "its" "signal" "line"?) -> macd_signal
macd_numbers: "(" NUMBER "," NUMBER "," NUMBER ")"
band: band_side _bollinger? "band" band_numbers?              -> band
    | band_side _bollinger band_numbers?                      -> band
    | _bollinger "band"? band_side "band"? band_numbers?      -> band
    | band_side "keltner" ("channel" | "band")? period?       -> keltner
    | band_side "donchian" ("channel" | "band")? period?      -> donchian
_bollinger: "bollinger" | "bb"
!band_side: "upper" | "lower" | "middle"
band_numbers: "(" NUMBER ("," NUMBER)? ")" | NUMBER
atr: "atr" period? | NUMBER "bar" "atr" | "average" "true" "range" period?
derived: extreme base _of_last bars                           -> extreme_of
       | NUMBER "bar" extreme_word                            -> bar_extreme
       | NUMBER "bar" extreme base                            -> bar_extreme_of
       | extreme_word _of_last bars                           -> bars_extreme
       | extreme base _before bars                            -> extreme_before
       | extreme base "of" bars "before" "this" ("one" | NUMBER)?  -> extreme_before
       | _mean base (_over_last bars)?                        -> mean_of
       | base _mean (_over_last bars | NUMBER | "(" NUMBER ")")? -> mean_of
       | NUMBER "bar" _mean "of"? base                        -> bars_mean_of
       | NUMBER "bar" base _mean                              -> bars_mean_of
       | "its" NUMBER "bar" _mean                             -> its_mean
       | "its" _mean (_over_last bars)?                       -> its_mean
       | ("its" average_kind period | "its" NUMBER "bar"? average_kind) -> its_average
       | _previous "bar"? base                                -> previous
       | base "of" _previous "bar"                            -> previous
       | base bars "ago"                                      -> ago
       | base "of"? "one" "bar" "ago"                         -> previous
       | NUMBER "bar" ("change" | "return") ("of" base)?      -> change
       | ("percent" | "%")? "change" ("of" base)? ("over" | "in") "last"? bars -> change_over
_mean: "average"
_previous: "previous" | "prior" | "last"
_of_last: ("of" | "over" | "in" | "from" | "for" | "within" | "during") ("last" | "past" | "previous" | "prior")?
_before: "of" ("previous" | "prior")
_over_last: ("over" | "of" | "for" | "in" | "from") ("last" | "past" | "previous" | "prior")?
!extreme: "highest" | "lowest" | "max" | "min" | "maximum" | "minimum"
!extreme_word: "high" | "low"
base: field -> base | oscillator -> base | average -> base | macd -> base | atr -> base | band -> base | "volatility" period? -> base_volatility

// conditions -----------------------------------------------------------------------
extra_predicate: _touch sum                                   -> touches
               | "is" "oversold"                              -> oversold
               | "is" "overbought"                            -> overbought
_touch: "touches" | "hits" | "tags" | "reaches" | "taps"
fact: "golden" ("crosses" | "crossover")                                        -> golden_cross
    | "death" ("crosses" | "crossover")                                         -> death_cross
    | _candle_is? ("green" | "bullish") "bar"?                -> green_bar
    | _candle_is? ("red" | "bearish") "bar"?                  -> red_bar
    | ("price" | "close" | "bar")? _make "new" bars extreme_word       -> new_extreme
    | ("price" | "close" | "bar")? _make "new" extreme_word _of_last bars -> new_extreme
    | "bullish" ("crossover" | "crosses") "of" sum ("and" | "over" | "with") sum -> bullish_cross
    | "bearish" ("crossover" | "crosses") "of" sum ("and" | "under" | "with") sum -> bearish_cross
_candle_is: ("bar" | "close") "is"
_make: "makes" | "sets" | "hits" | "prints" | "reaches" | "breaks" "to" | "closes" "at" | "is" "at" | "at"
adverb: _lead ("between" | "from") moment _until moment _in_zone -> between_times
      | _lead ("after" | "from") moment _in_zone              -> after_time
      | _lead ("before" | "until") moment _in_zone            -> before_time
      | _lead ("between" | "from") NUMBER _until NUMBER _zone -> between_hours
      | _lead _day_is days                                    -> on_days
      | _lead _not_day _day_is days                           -> not_on_days
_lead: "only"? ("it" "is"? | "time" "is"? | "hour" "is"? | "during")?
_until: "and" | "to" | "until" | "-" | "till"
_in_zone: _zone?
_not_day: "not" | "never" | "except" "for"? | "but" "not"
_day_is: ("on" | "during" | "it" "is" | "day" "is" | "over")?
_zone: "utc" | "gmt"
moment: CLOCK _zone?                                          -> clock
      | "midnight"                                            -> midnight
      | "noon"                                                -> noon
days: day (("," | "and" | "or" | "," "and" | "," "or") day)*
    | day ("to" | "-" | "through") day                        -> day_range
!day: "weekdays" | "weekends" | "weekday" | "weekend" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"
    | "mondays" | "tuesdays" | "wednesdays" | "thursdays" | "fridays" | "saturdays" | "sundays"
"""
