import CKernels

extension UpdateView {
  /// The number of columns that one thread does at a time: a multiple of every kernel's block.
  static let columnChunk = 16_384

  /// sum_i coefficients[i] * row_i, accumulated in Double and rounded once.
  ///
  /// Sources with coefficient 0 are not read, and a single coefficient 1 gives exactly that row.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not
  ///   depend on it.
  /// - Precondition: There is one coefficient for each row.
  /// - Complexity: O(n d), one pass.
  public func combination(_ coefficients: [Double], workers: Int? = nil) -> Vector {
    precondition(
      coefficients.count == count, "\(coefficients.count) coefficients for \(count) rows")
    return combined(mixing.combined(coefficients), workers: workers)
  }

  /// Combinations of the rows of several views of one matrix, which is read once for all of them:
  /// the same bits as ``combination(_:workers:)`` of each.
  ///
  /// - Precondition: All views are of one matrix; each has one coefficient for each of its rows, and
  ///   the rows that some combination uses are finite.
  /// - Complexity: O(k n d) for k combinations, one pass.
  public static func combinations(
    _ parts: [(view: UpdateView, coefficients: [Double])], workers: Int? = nil
  ) -> [Vector] {
    guard let first = parts.first?.view else { return [] }
    let rows = parts.map { view, coefficients in
      precondition(view.matrix === first.matrix, "views of different matrices")
      precondition(
        coefficients.count == view.count,
        "\(coefficients.count) coefficients for \(view.count) rows")
      return view.mixing.combined(coefficients)
    }
    let workers = workers ?? parts.map(\.view.workers).max() ?? 1
    let results = rows.map { _ in FloatStorage(zeros: first.dimension) }
    let mixer = RowMixer(
      RowMixing(rows: rows, sourceCount: first.sourceCount), of: first.matrix, workers: workers)
    first.forEachChunk(workers: workers) { begin, end, worker in
      mixer.mix(begin, end, into: results.map { $0.base + begin }, worker: worker)
    }
    return results.map { Vector(storage: $0) }
  }

  /// The mean of the rows: their sum divided by their number, rounded once; zeros if there are none.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not
  ///   depend on it.
  public func mean(workers: Int? = nil) -> Vector {
    let sum = mixing.combined([Double](repeating: 1, count: count))
    return combined(sum, over: Double(max(1, count)), workers: workers)
  }

  /// sum_i weights[i] * row_i / sum_i weights[i], accumulated in Double, divided and rounded once:
  /// equal rows give exactly that row.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not
  ///   depend on it.
  /// - Precondition: One weight for each row, with a positive sum.
  public func weightedMean(_ weights: [Double], workers: Int? = nil) -> Vector {
    precondition(weights.count == count, "\(weights.count) weights for \(count) rows")
    return combined(mixing.combined(weights), over: weights.reduce(0, +), workers: workers)
  }

  /// Row `i` with its coordinates.
  public func row(_ i: Int) -> Vector {
    requireRow(i)
    return combined(mixing.rows[i], workers: 1)
  }

  /// All rows with their coordinates, rounded to Float.
  ///
  /// - Parameter workers: How many threads may run, by default ``workers``; the values do not
  ///   depend on it.
  public func materialized(workers: Int? = nil) -> UpdateMatrix {
    let workers = workers ?? self.workers
    var result = UpdateMatrix(zeros: count, columns: dimension)
    let mixer = RowMixer(mixing, of: matrix, workers: workers)
    // What the caches cannot hold need not pass through them.
    let streaming = count * dimension * MemoryLayout<Float>.stride > 16 << 20
    result.withUnsafeDisjointRows { rows in
      forEachChunk(workers: workers) { begin, end, worker in
        let out = (0..<count).map { rows.row($0).baseAddress.map { $0 + begin } }
        mixer.mix(begin, end, into: out, worker: worker, streaming: streaming)
      }
    }
    return result
  }

  private func combined(
    _ row: RowMixing.Row, over divisor: Double = 1, workers: Int?
  ) -> Vector {
    let result = FloatStorage(zeros: dimension)
    forEachChunk(workers: workers ?? self.workers) { begin, end, _ in
      matrix.combine(row, over: divisor, begin, end, into: result.base + begin)
    }
    return Vector(storage: result)
  }

  /// Calls `body(begin, end, worker)` for ranges that cover all columns; `begin` is a multiple of
  /// ``columnChunk``.
  func forEachChunk(
    workers: Int, _ body: @Sendable (_ begin: Int, _ end: Int, _ worker: Int) -> Void
  ) {
    let chunks = (dimension + Self.columnChunk - 1) / Self.columnChunk
    WorkerPool.forEach(chunks, workers: workers) { chunk, worker in
      let begin = chunk * Self.columnChunk
      body(begin, min(dimension, begin + Self.columnChunk), worker)
    }
  }
}
