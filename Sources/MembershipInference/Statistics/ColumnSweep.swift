internal import Tensors

/// Goes through a table example by example, with all models' numbers of each at hand.
///
/// Tables lie model by model, so examples are taken in blocks that fit the cache; blocks go to
/// workers, and results are joined in order, so that they do not depend on the number of workers.
struct ColumnSweep {
  private static let block = 256

  let signal: SignalTable
  let membership: Membership
  let isAudited: [Bool]
  let revealsRows: Bool
  let workers: Int

  init(_ signal: SignalTable, of table: ShadowTable, workers: Int) {
    self.signal = signal
    membership = table.membership
    isAudited = table.isAudited
    revealsRows = table.revealsRows
    self.workers = workers
  }

  /// For each target one score an example, the mean over the queries of what `score` returns for a
  /// column; it returns one number for each target.
  func scores<Failure: Error>(
    targets: Int, _ score: @Sendable (ExampleColumn) throws(Failure) -> [Double]
  ) throws(Failure) -> [[Double]] {
    let examples = signal.examples
    let blocks = (examples + Self.block - 1) / Self.block
    let parts = try WorkerPool.map(blocks, workers: workers) {
      (index, _) throws(Failure) -> [Double] in
      let range = (index * Self.block)..<min((index + 1) * Self.block, examples)
      var part = [Double](repeating: 0, count: targets * range.count)
      for query in 0..<signal.queries {
        let gathered = gather(range, query: query)
        for (place, example) in range.enumerated() {
          let column = column(gathered, place, example)
          for (target, value) in try score(column).enumerated() {
            part[target * range.count + place] += value / Double(signal.queries)
          }
        }
      }
      return part
    }
    return (0..<targets).map { target in
      var row: [Double] = []
      row.reserveCapacity(examples)
      for part in parts {
        let width = part.count / max(targets, 1)
        row += part[(target * width)..<((target + 1) * width)]
      }
      return row
    }
  }

  /// The sums over all examples and queries of the numbers that `measure` returns for a column, as
  /// many each time; added up in the order of the examples.
  func sums<Failure: Error>(
    count: Int, _ measure: @Sendable (ExampleColumn, inout [Double]) throws(Failure) -> Void
  ) throws(Failure) -> [Double] {
    let examples = signal.examples
    let blocks = (examples + Self.block - 1) / Self.block
    let parts = try WorkerPool.map(blocks, workers: workers) {
      (index, _) throws(Failure) -> [Double] in
      let range = (index * Self.block)..<min((index + 1) * Self.block, examples)
      var part = [Double](repeating: 0, count: count)
      for query in 0..<signal.queries {
        let gathered = gather(range, query: query)
        for (place, example) in range.enumerated() {
          try measure(column(gathered, place, example), &part)
        }
      }
      return part
    }
    return parts.reduce(into: [Double](repeating: 0, count: count)) { total, part in
      for index in total.indices { total[index] += part[index] }
    }
  }

  private func gather(_ range: Range<Int>, query: Int) -> (values: [Double], isMember: [Bool]) {
    let (models, width) = (signal.models, range.count)
    var values = [Double](repeating: 0, count: models * width)
    var isMember = [Bool](repeating: false, count: models * width)
    for model in 0..<models {
      let start = (model * signal.examples + range.lowerBound) * signal.queries + query
      let row = model * signal.examples + range.lowerBound
      for place in 0..<width {
        values[place * models + model] = signal.values[start + place * signal.queries]
        isMember[place * models + model] = membership.isMember[row + place]
      }
    }
    return (values, isMember)
  }

  private func column(
    _ gathered: (values: [Double], isMember: [Bool]), _ place: Int, _ example: Int
  ) -> ExampleColumn {
    let range = (place * signal.models)..<((place + 1) * signal.models)
    return ExampleColumn(
      example: example, values: Array(gathered.values[range]),
      isMember: Array(gathered.isMember[range]), isAudited: isAudited[example],
      revealsRows: revealsRows)
  }
}
