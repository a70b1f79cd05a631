internal import Foundation

/// Plots in rows, in one drawing.
struct PlotGrid {
  var title: String
  var rows: [[PrivacyPlot]]

  /// The drawing as a document of its own.
  var svg: String {
    let (width, height, head) = (PrivacyPlot.size.width, PrivacyPlot.size.height, 40.0)
    let columns = rows.map(\.count).max() ?? 0
    let whole = (
      width: Int(width) * columns, height: Int(head) + Int(height) * rows.count
    )
    var out = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(whole.width) \(whole.height)" \
      font-family="sans-serif" role="img">
      <title>\(PrivacyPlot.escaped(title))</title>
      <rect width="100%" height="100%" fill="white"/>
      <text x="\(whole.width / 2)" y="28" text-anchor="middle" font-size="18">\
      \(PrivacyPlot.escaped(title))</text>

      """
    for (row, plots) in rows.enumerated() {
      for (column, plot) in plots.enumerated() {
        out += plot.svg(at: (x: width * Double(column), y: head + height * Double(row)))
      }
    }
    return out + "</svg>\n"
  }
}
