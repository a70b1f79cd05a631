internal import Learning
internal import Randomness
internal import Tensors

/// A ridge regression of membership on what examples look like, fifth by fifth.
///
/// Columns are the label, the features (of more than 256 as many random combinations) and 128 random
/// rectified combinations, which see what is not linear, all standardised over the examples. Fifths
/// are drawn without a look at membership. All that depends on the examples alone is done once, so
/// that membership in another order costs two products.
///
/// Source: Hoerl, Kennard 1970, "Ridge regression"; random rectified features: Rahimi, Recht 2008,
/// "Weighted sums of random kitchen sinks".
struct BlindRegression: Sendable {
  private struct Fold: Sendable {
    /// Positions of the lessons and of the tests.
    var lessons: [Int]
    var tests: [Int]
    /// Columns x lessons: what membership of the lessons is multiplied by to get coefficients.
    var solver: SmallMatrix
    /// Tests x columns.
    var rows: SmallMatrix
  }

  private let folds: [Fold]

  private static let mostColumns = 256
  private static let rectified = 128

  /// - Parameter examples: Positions in `data`.
  /// - Throws: `MembershipError.value` for features that are not finite.
  init(
    _ data: LabeledExamples, examples: [Int], using generator: inout Generator
  ) throws(MembershipError) {
    let columns = try Self.columns(data, examples, using: &generator)
    let order = generator.permutation(examples.count)
    let count = 5
    var folds: [Fold] = []
    for held in 0..<count {
      let tests = order.indices.filter { $0 % count == held }.map { order[$0] }
      let lessons = order.indices.filter { $0 % count != held }.map { order[$0] }
      let known = SmallMatrix(lessons.map { columns.row($0) })
      folds.append(
        Fold(
          lessons: lessons, tests: tests, solver: try Self.solver(known),
          rows: SmallMatrix(tests.map { columns.row($0) })))
    }
    self.folds = folds
  }

  /// (XᵀX + d I)⁻¹ Xᵀ for d columns of unit variance: noise as large as all that can be told.
  private static func solver(_ known: SmallMatrix) throws(MembershipError) -> SmallMatrix {
    let across = known.transposed
    guard let eigen = SmallMatrix.product(across, known).symmetricEigen else {
      throw .value(
        what: "the blind baseline", place: "the examples' features", got: "no finite number",
        remedy: "features must be finite")
    }
    let ridge = Double(known.columns)
    var scaled = eigen.vectors
    for (row, value) in eigen.values.enumerated() {
      for column in 0..<scaled.columns { scaled[row, column] /= max(value, 0) + ridge }
    }
    return .product(eigen.vectors.transposed, .product(scaled, across))
  }

  /// For each world the mean over its targets of how often a member of a fifth scores above a
  /// non-member of it, ties half; a world has for each target which examples are members.
  ///
  /// Several worlds in one call cost little more than one: what they are multiplied by is read once.
  ///
  /// - Precondition: All worlds have equally many targets, at least one.
  func areas(of worlds: [[[Bool]]]) -> [Double] {
    let rows = Array(worlds.joined())
    var won = [Double](repeating: 0, count: rows.count)
    var compared = won
    for fold in folds {
      var lessons = SmallMatrix(zeros: fold.lessons.count, columns: rows.count)
      for (column, row) in rows.enumerated() {
        let members = fold.lessons.reduce(0) { $0 + (row[$1] ? 1 : 0) }
        let mean = Double(members) / Double(fold.lessons.count)
        for (place, example) in fold.lessons.enumerated() {
          lessons[place, column] = (row[example] ? 1 : 0) - mean
        }
      }
      let scores = SmallMatrix.product(fold.rows, .product(fold.solver, lessons))
      for (column, row) in rows.enumerated() {
        let members = fold.tests.reduce(0) { $0 + (row[$1] ? 1 : 0) }
        let others = fold.tests.count - members
        guard members > 0, others > 0 else { continue }
        let curve = ROC(
          scores: fold.tests.indices.map { scores[$0, column] },
          isMember: fold.tests.map { row[$0] }, members: members, others: others)
        let pairs = Double(members) * Double(others)
        won[column] += curve.areaUnderCurve * pairs
        compared[column] += pairs
      }
    }
    let areas = zip(won, compared).map { $1 > 0 ? $0 / $1 : 0.5 }
    let targets = rows.count / worlds.count
    return worlds.indices.map { world in
      areas[(world * targets)..<((world + 1) * targets)].reduce(0, +) / Double(targets)
    }
  }

  // MARK: - Columns

  private static func columns(
    _ data: LabeledExamples, _ examples: [Int], using generator: inout Generator
  ) throws(MembershipError) -> SmallMatrix {
    let (width, raw) = (data.featureCount, data.features)
    var labels = SmallMatrix(zeros: examples.count, columns: data.classes)
    var features = SmallMatrix(zeros: examples.count, columns: width)
    for (place, example) in examples.enumerated() {
      labels[place, Int(data.labels[example])] = 1
      for column in 0..<width {
        features[place, column] = Double(raw[example * width + column])
      }
    }
    guard features.entries.allSatisfy(\.isFinite) else {
      throw .value(
        what: "the blind baseline", place: "the examples' features", got: "no finite number",
        remedy: "features must be finite")
    }
    let shown = [labels, features].map { part in
      combined(standardised(part), most: mostColumns, using: &generator)
    }
    let all = joined(shown)
    let bent = SmallMatrix.product(all, weights(all.columns, rectified, using: &generator))
    let shifts = (0..<rectified).map { _ in generator.normal() }
    let cut = SmallMatrix(
      rows: bent.rows, columns: bent.columns,
      entries: bent.entries.enumerated().map { max(0, $1 + shifts[$0 % rectified]) })
    return joined([all, standardised(cut)])
  }

  /// The columns themselves, or random combinations of too many.
  private static func combined(
    _ matrix: SmallMatrix, most: Int, using generator: inout Generator
  ) -> SmallMatrix {
    guard matrix.columns > most else { return matrix }
    return standardised(.product(matrix, weights(matrix.columns, most, using: &generator)))
  }

  /// Normal weights that keep sizes.
  private static func weights(
    _ rows: Int, _ columns: Int, using generator: inout Generator
  ) -> SmallMatrix {
    let scale = 1 / Double(max(rows, 1)).squareRoot()
    return SmallMatrix(
      rows: rows, columns: columns,
      entries: (0..<(rows * columns)).map { _ in scale * generator.normal() })
  }

  private static func joined(_ parts: [SmallMatrix]) -> SmallMatrix {
    SmallMatrix((0..<parts[0].rows).map { row in parts.flatMap { $0.row(row) } })
  }

  /// Columns of mean 0 and variance 1; those that do not vary are 0.
  private static func standardised(_ matrix: SmallMatrix) -> SmallMatrix {
    let (width, n) = (matrix.columns, Double(matrix.rows))
    var means = [Double](repeating: 0, count: width)
    for (index, value) in matrix.entries.enumerated() { means[index % width] += value / n }
    var variances = [Double](repeating: 0, count: width)
    for (index, value) in matrix.entries.enumerated() {
      let distance = value - means[index % width]
      variances[index % width] += distance * distance / n
    }
    let scales = zip(means, variances).map { mean, variance in
      variance > 1e-12 * (1 + mean * mean) ? 1 / variance.squareRoot() : 0
    }
    return SmallMatrix(
      rows: matrix.rows, columns: width,
      entries: matrix.entries.enumerated().map { index, value in
        (value - means[index % width]) * scales[index % width]
      })
  }
}
