import CKernels

/// Computes columns of mixed rows, with scratch memory for each worker.
struct RowMixer: Sendable {
  private let mixing: RowMixing
  private let matrix: MatrixStorage
  /// The sources that some row uses.
  private let sources: [Int]
  /// The coefficients of these sources, zeros included, if there are enough to mix all rows at once.
  private let dense: [Double]?
  private let packs: [DoubleStorage]

  init(_ mixing: RowMixing, of matrix: MatrixStorage, workers: Int) {
    self.mixing = mixing
    self.matrix = matrix
    sources = mixing.usedSources
    let coefficients = mixing.rows.reduce(0) { $0 + $1.sources.count }
    guard coefficients * 4 > mixing.rows.count * sources.count, sources.count > 1 else {
      (dense, packs) = (nil, [])
      return
    }
    let places = Dictionary(uniqueKeysWithValues: zip(sources, sources.indices))
    var weights = [Double](repeating: 0, count: mixing.rows.count * sources.count)
    for (i, row) in mixing.rows.enumerated() {
      for (source, coefficient) in zip(row.sources, row.coefficients) {
        if let place = places[source] { weights[i * sources.count + place] = coefficient }
      }
    }
    dense = weights
    let size = tensors_mix_pack_size(sources.count)
    packs = (0..<workers).map { _ in DoubleStorage(zeros: size) }
  }

  /// Columns `begin..<end` of every row, to `out[i]` on.
  func mix(
    _ begin: Int, _ end: Int, into out: [UnsafeMutablePointer<Float>?], worker: Int
  ) {
    if let dense {
      let rows = sources.map { UnsafePointer(matrix.row($0)) as UnsafePointer<Float>? }
      tensors_mix(rows, rows.count, dense, mixing.rows.count, begin, end, out, packs[worker].base)
    } else {
      for (row, out) in zip(mixing.rows, out) {
        matrix.combine(row, begin, end, into: out)
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
