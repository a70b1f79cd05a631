/// Written as an array of its entries. Formats that keep the bits of a `Float` keep the vector's;
/// JSON has no NaN and no infinity.
extension Vector: Codable {
  /// Reads an array of entries.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([Float].self))
  }

  /// Writes the entries.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(array)
  }
}

/// Written as its shape and its entries, row after row.
extension SmallMatrix: Codable {
  private enum CodingKeys: CodingKey { case rows, columns, entries }

  /// Reads a matrix.
  ///
  /// - Throws: `DecodingError` when the entries do not fill the shape.
  public init(from decoder: any Decoder) throws {
    let keyed = try decoder.container(keyedBy: CodingKeys.self)
    let rows = try keyed.decode(Int.self, forKey: .rows)
    let columns = try keyed.decode(Int.self, forKey: .columns)
    let entries = try keyed.decode([Double].self, forKey: .entries)
    guard fills(rows, columns, entries.count) else {
      throw DecodingError.dataCorruptedError(
        forKey: .entries, in: keyed,
        debugDescription: "\(entries.count) entries do not fill a \(rows) x \(columns) matrix")
    }
    self.init(rows: rows, columns: columns, entries: entries)
  }

  /// Writes the matrix.
  public func encode(to encoder: any Encoder) throws {
    var keyed = encoder.container(keyedBy: CodingKeys.self)
    try keyed.encode(rows, forKey: .rows)
    try keyed.encode(columns, forKey: .columns)
    try keyed.encode(entries, forKey: .entries)
  }
}

/// Written as its shape and its entries, row after row, without the padding.
extension UpdateMatrix: Codable {
  private enum CodingKeys: CodingKey { case rows, columns, entries }

  /// Reads a matrix.
  ///
  /// - Throws: `DecodingError` when the entries do not fill the shape.
  public init(from decoder: any Decoder) throws {
    let keyed = try decoder.container(keyedBy: CodingKeys.self)
    let rows = try keyed.decode(Int.self, forKey: .rows)
    let columns = try keyed.decode(Int.self, forKey: .columns)
    let entries = try keyed.decode([Float].self, forKey: .entries)
    // A matrix of rows without columns would cost memory that nobody sent.
    guard fills(rows, columns, entries.count), columns > 0 || rows == 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .entries, in: keyed,
        debugDescription: "\(entries.count) entries do not fill a \(rows) x \(columns) matrix")
    }
    self.init(zeros: rows, columns: columns)
    entries.withUnsafeBufferPointer { all in
      for row in 0..<rows {
        storage.fill(
          row: row, from: UnsafeBufferPointer(rebasing: all[row * columns..<(row + 1) * columns]))
      }
    }
  }

  /// Writes the matrix.
  public func encode(to encoder: any Encoder) throws {
    var keyed = encoder.container(keyedBy: CodingKeys.self)
    try keyed.encode(rows, forKey: .rows)
    try keyed.encode(columns, forKey: .columns)
    var entries: [Float] = []
    entries.reserveCapacity(rows * columns)
    for row in 0..<rows { withUnsafeRow(row) { entries.append(contentsOf: $0) } }
    try keyed.encode(entries, forKey: .entries)
  }
}

/// Whether `count` entries are a matrix of this shape.
private func fills(_ rows: Int, _ columns: Int, _ count: Int) -> Bool {
  let (product, overflows) = rows.multipliedReportingOverflow(by: columns)
  return rows >= 0 && columns >= 0 && !overflows && product == count
}
