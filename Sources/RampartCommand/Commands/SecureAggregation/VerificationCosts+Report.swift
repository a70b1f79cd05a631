internal import CommandLineTools
internal import Components

extension VerificationCosts {
  /// What a curve is of.
  private static let figures: [(name: String, unit: String, value: @Sendable (Cell) -> Double?)] = [
    ("a client to prove", "s", { $0.median(\.proverSeconds) }),
    ("a client to check", "s", { $0.median(\.verifierSeconds) }),
    ("the server", "s", { $0.median(\.serverSeconds) }),
    ("bytes of a client", "bytes", \.allBytes),
  ]

  /// A table, and what was left out.
  var lines: [String] {
    var table = PrivacyTable([
      ("protocol", .left), ("n", .right), ("d", .right), ("prove s", .right), ("check s", .right),
      ("server s", .right), ("bytes sent", .right), ("bytes told", .right),
    ])
    func seconds(_ value: Double?) -> String { value.map { Words.nearest($0, digits: 3) } ?? "-" }
    for cell in cells {
      table.rows.append([
        cell.name.rawValue, Words.grouped(cell.clients), Words.grouped(cell.dimension),
        seconds(cell.median(\.proverSeconds)), seconds(cell.median(\.verifierSeconds)),
        seconds(cell.median(\.serverSeconds)), cell.bytes.map { Words.grouped($0.up) } ?? "-",
        cell.bytes.map { Words.grouped($0.down) } ?? "-",
      ])
    }
    let repeats = measurement.repeats
    var lines =
      [
        "What checking a sum takes beyond the masks: processor seconds of one client and of the "
          + "server, bytes of one client"
          + (repeats > 1 ? "; medians of \(Words.grouped(repeats)) runs." : "."), "",
      ] + table.lines
    let remarks = cells.compactMap { cell -> String? in
      let place = "\(cell.name.rawValue), n = \(cell.clients), d = \(cell.dimension): "
      if let leftOut = cell.leftOut { return place + leftOut }
      return cell.isExact ? nil : place + "the sum was not exact, or not accepted"
    }
    if !remarks.isEmpty { lines += [""] + remarks }
    return lines
  }

  /// As JSON.
  var node: ConfigurationNode {
    ConfigurationNode(
      ReportNode.map([
        ("bits", .integer(measurement.bits)), ("dropout", .number(measurement.dropout)),
        ("repeats", .integer(measurement.repeats)), ("jobs", .integer(measurement.jobs)),
        (
          "cells",
          ReportNode.list(
            cells.map { cell in
              ReportNode.map([
                ("protocol", .text(cell.name.rawValue)), ("clients", .integer(cell.clients)),
                ("dimension", .integer(cell.dimension)),
                ("proverSeconds", ReportNode.number(cell.median(\.proverSeconds))),
                ("verifierSeconds", ReportNode.number(cell.median(\.verifierSeconds))),
                ("serverSeconds", ReportNode.number(cell.median(\.serverSeconds))),
                ("bytesUp", cell.bytes.map { .integer($0.up) } ?? .null),
                ("bytesDown", cell.bytes.map { .integer($0.down) } ?? .null),
                ("exact", cell.leftOut == nil ? .boolean(cell.isExact) : .null),
                ("leftOut", ReportNode.text(cell.leftOut)),
              ])
            })
        ),
      ]))
  }

  /// Two columns of curves, over coordinates and over clients, and a row for each figure.
  var figure: PlotGrid {
    let (n, d) = (measurement.clients[0], measurement.dimensions[0])
    return PlotGrid(
      title: "What checking a sum costs beyond the masks",
      rows: Self.figures.map { figure in
        [
          plot(figure, "coordinates, n = \(Words.grouped(n))", where: { $0.clients == n }) {
            Double($0.dimension)
          },
          plot(figure, "clients, d = \(Words.grouped(d))", where: { $0.dimension == d }) {
            Double($0.clients)
          },
        ]
      })
  }

  private func plot(
    _ figure: (name: String, unit: String, value: @Sendable (Cell) -> Double?), _ axis: String,
    where isOnCurve: (Cell) -> Bool, x: (Cell) -> Double
  ) -> PrivacyPlot {
    var plot = PrivacyPlot(
      title: "\(figure.name) over \(axis.split(separator: ",")[0])",
      x: .init(label: axis, isLogarithmic: true),
      y: .init(label: figure.unit, isLogarithmic: true),
      series: measurement.protocols.map { name in
        .init(
          label: name.rawValue,
          points: cells.filter { $0.name == name && isOnCurve($0) }.compactMap { cell in
            figure.value(cell).map { (x(cell), $0) }
          }.sorted { $0.x < $1.x })
      })
    plot.hasDots = true
    return plot
  }
}
