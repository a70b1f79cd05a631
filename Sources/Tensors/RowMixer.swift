import CKernels

/// Computes columns of mixed rows, with scratch memory for each worker.
///
/// Where rows have most of their sources in common, as the means of the nearest have, their common sum
/// is computed once, and each row adds what it has and takes off what it lacks. That is exact to the
/// last digits of Double only while no source dwarfs the others; a distant one is never common.
struct RowMixer: Sendable {
  private let mixing: RowMixing
  private let matrix: MatrixStorage
  /// How to mix all rows at once; nil if few sources are used more than once.
  private let plan: Plan?
  private let packs: [DoubleStorage]

  /// All rows over the sources that some row uses.
  private struct Plan: Sendable {
    var sources: [Int]
    /// The coefficients of the common sum; nil if there is none.
    var shared: [Double]?
    /// The terms of all rows one after another, and where each row's end.
    var places: [UInt32] = []
    var coefficients: [Double] = []
    var ends: [Int] = []
    var ontoShared: [Bool] = []
  }

  init(_ mixing: RowMixing, of matrix: MatrixStorage, workers: Int) {
    self.mixing = mixing
    self.matrix = matrix
    let sources = mixing.usedSources
    let terms = mixing.rows.reduce(0) { $0 + $1.sources.count }
    guard sources.count > 1, terms >= 2 * sources.count else {
      (plan, packs) = (nil, [])
      return
    }
    plan = Self.plan(
      mixing, sources, terms,
      near: mixing.sharesSums ? matrix.rowGeometry(workers: workers).nearRows : nil)
    let size = tensors_mix_pack_size(sources.count)
    packs = (0..<workers).map { _ in DoubleStorage(zeros: size) }
  }

  private static func plan(
    _ mixing: RowMixing, _ sources: [Int], _ terms: Int, near: [Bool]?
  ) -> Plan {
    var place = [Int](repeating: 0, count: mixing.sourceCount)
    for (index, source) in sources.enumerated() { place[source] = index }
    let rows = mixing.rows.map { row in
      (places: row.sources.map { place[$0] }, coefficients: row.coefficients)
    }
    var plan = Plan(sources: sources)
    func add(_ places: [Int], _ coefficients: [Double], ontoShared: Bool) {
      plan.places += places.map { UInt32($0) }
      plan.coefficients += coefficients
      plan.ends.append(plan.places.count)
      plan.ontoShared.append(ontoShared)
    }

    // The common coefficient of a source is the one that more than half of the rows have.
    var shared = [Double](repeating: 0, count: sources.count)
    if let near {
      var counts = [[Double: Int]](repeating: [:], count: sources.count)
      for row in rows {
        for (place, coefficient) in zip(row.places, row.coefficients) {
          counts[place][coefficient, default: 0] += 1
        }
      }
      for (place, source) in sources.enumerated() where near[source] {
        if let common = counts[place].first(where: { 2 * $0.value > rows.count }) {
          shared[place] = common.key
        }
      }
    }
    for row in rows {
      var differences = shared.map { -$0 }
      for (place, coefficient) in zip(row.places, row.coefficients) {
        differences[place] += coefficient
      }
      let places = differences.indices.filter { differences[$0] != 0 }
      if places.count < row.places.count {
        plan.shared = shared
        add(places, places.map { differences[$0] }, ontoShared: true)
      } else {
        add(row.places, row.coefficients, ontoShared: false)
      }
    }
    return plan
  }

  /// Columns `begin..<end` of every row, to `out[i]` on.
  ///
  /// - Parameter streaming: Whether to write past the caches, for what is much larger than they are;
  ///   `out[i]` then lies on a 64-byte boundary.
  func mix(
    _ begin: Int, _ end: Int, into out: [UnsafeMutablePointer<Float>?], worker: Int,
    streaming: Bool = false
  ) {
    guard let plan else {
      for (row, out) in zip(mixing.rows, out) {
        matrix.combine(row, begin, end, into: out)
      }
      return
    }
    let rows = plan.sources.map { UnsafePointer(matrix.row($0)) as UnsafePointer<Float>? }
    plan.places.withUnsafeBufferPointer { places in
      plan.coefficients.withUnsafeBufferPointer { coefficients in
        let mixtures = plan.ends.indices.map { i in
          let start = i == 0 ? 0 : plan.ends[i - 1]
          return tensors_mixture(
            sources: places.baseAddress.map { $0 + start },
            coefficients: coefficients.baseAddress.map { $0 + start },
            count: plan.ends[i] - start, onto_shared: plan.ontoShared[i])
        }
        tensors_mix(
          rows, rows.count, plan.shared, mixtures, mixtures.count, begin, end, out, streaming,
          packs[worker].base)
      }
    }
  }
}

extension MatrixStorage {
  /// Columns `begin..<end` of one combination of the rows, divided by `divisor`.
  func combine(
    _ row: RowMixing.Row, over divisor: Double = 1, _ begin: Int, _ end: Int,
    into out: UnsafeMutablePointer<Float>?
  ) {
    guard let out else { return }
    if divisor == 1, let source = row.copiedSource {
      out.update(from: self.row(source) + begin, count: end - begin)
    } else {
      let rows = row.sources.map { UnsafePointer(self.row($0)) as UnsafePointer<Float>? }
      tensors_combine(rows, row.coefficients, rows.count, divisor, begin, end, out)
    }
  }
}
