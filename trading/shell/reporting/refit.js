// Fit the price axis of a candle chart to the candles in view.
for (const chart of document.querySelectorAll(".market")) {
  const refit = () => {
    const { xaxis, yaxis } = chart._fullLayout;
    const { x, low, high } = chart._fullData[0];
    const [from, to] = xaxis.range.map((end) => xaxis.d2l(end));
    let least = Infinity, most = -Infinity;
    for (let i = 0; i < x.length; i++) {
      const at = xaxis.d2l(x[i]);
      if (at >= from && at <= to) {
        least = Math.min(least, low[i]);
        most = Math.max(most, high[i]);
      }
    }
    if (most < least) return;
    const room = 0.04 * (most - least) || 0.01 * most;
    Plotly.relayout(chart, { "yaxis.range": [least - room, most + room] });
  };
  chart.on("plotly_relayout", (change) => {
    if (Object.keys(change).some((key) => key.startsWith("xaxis"))) refit();
  });
}
