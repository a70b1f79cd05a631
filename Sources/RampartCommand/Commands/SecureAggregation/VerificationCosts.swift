internal import CommandLineTools
internal import SecureAggregation

/// What checking sums costs, over the number of clients and over that of coordinates.
struct VerificationCosts {
  /// One size of one protocol.
  struct Cell {
    var name: SecAggProtocol
    var clients: Int
    var dimension: Int
    /// What was measured: runs of the cell.
    var runs: [VerificationFigures] = []
    /// Of one run, with masks and everything.
    var seconds = 0.0
    var isExact = true
    /// Why there are no runs.
    var leftOut: String?

    /// The median over runs; nil where there are none.
    func median(_ figure: (VerificationFigures) -> Double) -> Double? {
      let values = runs.map(figure).sorted()
      guard !values.isEmpty else { return nil }
      return (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
    }

    /// Bytes are the same in all runs.
    var bytes: (up: Int, down: Int)? { runs.first.map { ($0.bytesUp, $0.bytesDown) } }

    /// Sent and told together.
    var allBytes: Double? { bytes.map { Double($0.up + $0.down) } }
  }

  let measurement: Measurement
  let cells: [Cell]

  var areExact: Bool { cells.allSatisfy(\.isExact) }

  /// What is to be measured.
  struct Measurement {
    let protocols: [SecAggProtocol]
    /// The first is that of the curves over dimensions.
    let clients: [Int]
    /// The first is that of the curves over clients.
    let dimensions: [Int]
    let dropout: Double
    let bits: Int
    let repeats: Int
    let limit: Double
    let seed: UInt64
    let jobs: Int

    /// The sizes of both curves, each once, from the one that they share.
    var sizes: [(clients: Int, dimension: Int)] {
      dimensions.sorted().map { (clients[0], $0) }
        + clients.sorted().filter { $0 != clients[0] }.map { ($0, dimensions[0]) }
    }

    /// All cells, protocol after protocol.
    ///
    /// - Throws: `UserError` for clients or dimensions that no session can have.
    func run() throws -> VerificationCosts {
      let meter = ProgressMeter(total: protocols.count * sizes.count, unit: "cells")
      defer { meter.finish() }
      var cells: [Cell] = []
      for name in protocols {
        var own: [Cell] = []
        for (clients, dimension) in sizes {
          meter.begin("\(name.rawValue), n = \(clients), d = \(dimension)")
          own.append(
            try cell(Cell(name: name, clients: clients, dimension: dimension), after: own))
          meter.advance()
        }
        cells += own
      }
      return VerificationCosts(measurement: self, cells: cells)
    }

    /// What a cell would take by the largest smaller one of its curve that was run.
    private func estimate(_ cell: Cell, _ earlier: [Cell]) -> Double? {
      let smaller = earlier.filter {
        $0.leftOut == nil && $0.clients <= cell.clients && $0.dimension <= cell.dimension
      }.max { $0.clients * $0.dimension < $1.clients * $1.dimension }
      guard let smaller else { return nil }
      return smaller.seconds * Double(cell.clients * cell.dimension)
        / Double(smaller.clients * smaller.dimension)
    }

    private func cell(_ empty: Cell, after earlier: [Cell]) throws -> Cell {
      var cell = empty
      if let estimate = estimate(cell, earlier), estimate * Double(repeats) > limit {
        cell.leftOut =
          "left out: it would take about \(Words.nearest(estimate * Double(repeats), digits: 2)) s, "
          + "and --limit is \(Words.nearest(limit, digits: 3))"
        return cell
      }
      let answer = try answer(clients: cell.clients, dimension: cell.dimension)
      for run in 0..<repeats {
        let result = try SecAggSimulation(
          answer, cell.name, isActive: true, verifiers: 1
        ).run(seed: seed &+ UInt64(run), jobs: jobs)
        cell.isExact = cell.isExact && result.isExact
        cell.seconds = max(cell.seconds, result.seconds)
        if let figures = result.verification { cell.runs.append(figures) }
      }
      return cell
    }

    private func answer(clients: Int, dimension: Int) throws(UserError) -> SecAggParametersAnswer {
      do {
        let policy = try SecureAggregationPolicy(
          clients: clients, corrupt: 0, dropout: dropout, adversary: .active)
        return SecAggParametersAnswer(
          parameters: try policy.fullGraphParameters(), fullGraph: nil,
          ring: try MaskRing(clients: clients, bits: bits, maxWeight: 1), bits: bits, maxWeight: 1,
          dimension: dimension)
      } catch {
        throw UserError("--clients \(clients) --dimension \(dimension): \(error)")
      }
    }
  }
}
