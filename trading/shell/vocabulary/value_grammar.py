"""The words of trading's values and conditions: series, facts, hours and days."""

VALUE_GRAMMAR = r"""
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
      | "entry" | "bar" "held" | "high" "price" | "low" "price" | "market" "price" | "last" "price"
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
       | "its"? NUMBER "bar" _mean                            -> its_mean
       | "its"? _mean (_over_last bars)?                       -> its_mean
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
               | _zoned "oversold" _territory? held?          -> oversold
               | _zoned "overbought" _territory? held?        -> overbought
               | _entering "oversold" _territory?             -> turns_oversold
               | _entering "overbought" _territory?           -> turns_overbought
_zoned: _be? "in"?
_entering: "becomes" | "turns" | "goes" | "enters" | "crosses" "into" | "moves" "into" | "drops" "into" | "rises" "into"
_territory: "territory" | "zone" | "area" | "region"
_touch: "touches" | "hits" | "tags" | "reaches" | "taps"
fact: "golden" ("crosses" | "crossover")                                        -> golden_cross
    | "death" ("crosses" | "crossover")                                         -> death_cross
    | _candle_is? _green "bar"?                               -> green_bar
    | _candle_is? _red "bar"?                                 -> red_bar
    | "last"? NUMBER _straight _green "bar"                   -> green_bars
    | "last"? NUMBER _straight _red "bar"                     -> red_bars
    | "last"? NUMBER _green "bar" _in_row                     -> green_bars
    | "last"? NUMBER _red "bar" _in_row                       -> red_bars
    | "last" NUMBER "bar" "are" _green                        -> green_bars
    | "last" NUMBER "bar" "are" _red                          -> red_bars
    | "last"? NUMBER _green "bar"                             -> last_green_bars
    | "last"? NUMBER _red "bar"                               -> last_red_bars
    | "is"? "bullish" "engulfing" "bar"?                      -> bullish_engulfing
    | "is"? "bearish" "engulfing" "bar"?                      -> bearish_engulfing
    | "is"? "macd" macd_numbers? "bullish" _crossing          -> macd_up
    | "is"? "macd" macd_numbers? "bearish" _crossing          -> macd_down
    | "is"? "bullish" "macd" macd_numbers? _crossing          -> macd_up
    | "is"? "bearish" "macd" macd_numbers? _crossing          -> macd_down
    | ("price" | "close" | "bar")? _make "new" bars extreme_word       -> new_extreme
    | ("price" | "close" | "bar")? _make "new" extreme_word _of_last bars -> new_extreme
    | "bullish" ("crossover" | "crosses") "of" sum ("and" | "over" | "with") sum -> bullish_cross
    | "bearish" ("crossover" | "crosses") "of" sum ("and" | "under" | "with") sum -> bearish_cross
    | _after_when? lapse ("after" | "since" | "from" | "of") "last"? _loss -> after_loss
_after_when: "within" | "for" | "during" | "in" | "until"
lapse: NUMBER? ("second" | "seconds")                         -> lapse_seconds
     | NUMBER? ("m" | "min" | "minute" | "minutes")           -> lapse_minutes
     | NUMBER? ("h" | "hour" | "hours" | "hr")                -> lapse_hours
     | NUMBER? ("d" | "day" | "days")                         -> lapse_days
_loss: "loss" | "losing" _losing? | "losses"
_losing: "trade" | "position"
_candle_is: ("bar" | "close")? "is"
_green: "green" | "bullish"
_red: "red" | "bearish"
_straight: "consecutive" | "straight"
_in_row: "in" "row" | "straight" | "in" "succession"
_crossing: "crossover" | "crosses"
_make: "makes" | "sets" | "hits" | "prints" | "reaches" | "breaks" "to" | "closes" "at" | "is" "at" | "at"
adverb: _lead ("between" | "from") moment _until moment _in_zone -> between_times
      | _lead moment ("to" | "until" | "-" | "till") moment _in_zone -> between_times
      | "at" moment                                           -> at_time
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
