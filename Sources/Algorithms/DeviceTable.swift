internal import Components
internal import CryptoCore
internal import FileFormats

/// The rows of a file about devices: some numbers for each row, each row of one device.
///
/// Two forms, told apart by the first character:
///
/// - comma-separated text (RFC 4180), a header with the column `device` and the wanted columns in any
///   order, others left out; rows of a device may stand anywhere;
/// - JSON, an object with one object a device, as FedScale's dictionaries become when written as JSON; a
///   column is a list of numbers, or a number. Other keys are left out.
///
/// Either may be packed by gzip.
package struct DeviceTable {
  /// What a file says of one device.
  struct Entry: Equatable {
    /// Its name in the file.
    var name: String
    /// The values of each wanted column, in their order; empty for a column that is not there.
    var columns: [[Double]]
    /// Where each row stands: lines of a table; none for JSON.
    var lines: [Int]
  }

  /// One entry a device, in the order of their first rows.
  private(set) var entries: [Entry] = []
  /// The first 16 hexadecimal digits of the SHA-256 of the file's bytes.
  let checksum: String

  /// The file at `path`.
  ///
  /// - Parameters:
  ///   - columns: The columns that have to be there.
  ///   - optional: Further columns, for JSON alone.
  /// - Throws: `DeviceFileError` with the row, or the device, of the first mistake.
  init(_ path: String, columns: [String], optional: [String] = []) throws(DeviceFileError) {
    let bytes: [UInt8]
    do {
      bytes = try DataFile.read(path)
    } catch {
      throw DeviceFileError("\(error)")
    }
    try self.init(parsing: bytes, file: path, columns: columns, optional: optional)
  }

  /// The table that `bytes` hold; `file` is for errors. O(bytes).
  package init(
    parsing bytes: [UInt8], file: String, columns: [String], optional: [String] = []
  ) throws(DeviceFileError) {
    checksum = String(SHA256.hash(bytes).hexadecimal.prefix(16))
    if let kind = DataFile.kind(of: bytes) {
      throw DeviceFileError(
        "\(file): this is \(kind); expected comma-separated text with a header, or JSON")
    }
    if let offset = DataFile.firstInvalidUTF8(bytes) {
      throw DeviceFileError("\(file): byte \(offset) is no text in UTF-8")
    }
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    switch first {
    case nil: throw DeviceFileError("\(file): there is nothing in it; expected rows of devices")
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      try readJSON(bytes, file: file, columns: columns, optional: optional)
    default: try readTable(bytes, file: file, columns: columns)
    }
    if entries.isEmpty { throw DeviceFileError("\(file): it names no device") }
  }

  private mutating func readTable(
    _ bytes: [UInt8], file: String, columns: [String]
  ) throws(DeviceFileError) {
    var reader = CSVReader(bytes, file: file)
    var fields: [CSVReader.Field] = []
    func next() throws(DeviceFileError) -> Int? {
      do {
        return try reader.next(&fields)
      } catch {
        throw DeviceFileError("\(error)")
      }
    }
    _ = try next()
    let header = fields.map { reader.text($0) }
    var places: [Int] = []
    for name in ["device"] + columns {
      guard let place = header.firstIndex(of: name) else {
        throw DeviceFileError(
          "\(file), row 1: no column '\(name)'; expected the header "
            + (["device"] + columns).joined(separator: ","))
      }
      places.append(place)
    }
    var known: [String: Int] = [:]
    while let line = try next() {
      guard fields.count == header.count else {
        throw DeviceFileError(
          "\(file), row \(line): holds \(fields.count) fields, the header has \(header.count)")
      }
      let name = reader.text(fields[places[0]])
      guard !name.isEmpty else {
        throw DeviceFileError("\(file), row \(line): column 'device' holds nothing")
      }
      var values: [Double] = []
      for (column, place) in zip(columns, places.dropFirst()) {
        guard let value = DecimalText.number(reader.bytes, fields[place].range), value.isFinite
        else {
          throw DeviceFileError(
            "\(file), row \(line): column '\(column)' holds "
              + "'\(reader.text(fields[place]).prefix(40))', expected a finite number")
        }
        values.append(value)
      }
      let index = known[name] ?? entries.count
      if index == entries.count {
        known[name] = index
        entries.append(Entry(name: name, columns: columns.map { _ in [] }, lines: []))
      }
      for (column, value) in values.enumerated() { entries[index].columns[column].append(value) }
      entries[index].lines.append(line)
    }
  }

  private mutating func readJSON(
    _ bytes: [UInt8], file: String, columns: [String], optional: [String]
  ) throws(DeviceFileError) {
    let node: ConfigurationNode
    do {
      node = try JSON.parse(bytes, file: file)
    } catch {
      throw DeviceFileError("\(error)")
    }
    guard let devices = node.entries else {
      throw DeviceFileError("\(file): expected an object with one object a device")
    }
    for (key, device) in devices.map({ ($0.key, $0.node) }) {
      guard device.entries != nil else {
        throw DeviceFileError(
          "\(file), device '\(key.prefix(40))': expected an object with "
            + columns.joined(separator: ", "))
      }
      var entry = Entry(name: key, columns: [], lines: [])
      for column in columns + optional {
        guard let field = device[column] else {
          guard optional.contains(column) else {
            throw DeviceFileError("\(file), device '\(key.prefix(40))': '\(column)' is missing")
          }
          entry.columns.append([])
          continue
        }
        entry.columns.append(try Self.numbers(field, column, "\(file), device '\(key.prefix(40))'"))
      }
      entries.append(entry)
    }
  }

  private static func numbers(
    _ node: ConfigurationNode, _ column: String, _ place: String
  ) throws(DeviceFileError) -> [Double] {
    var numbers: [Double] = []
    let items: [ConfigurationNode] = if case .list(let list) = node.value { list } else { [node] }
    for (index, item) in items.enumerated() {
      switch item.value {
      case .integer(let value): numbers.append(Double(value))
      case .number(let value) where value.isFinite: numbers.append(value)
      default:
        throw DeviceFileError(
          "\(place): item \(index + 1) of '\(column)' is no finite number")
      }
    }
    return numbers
  }
}

/// What is wrong with a file about devices: one line with the file and the place.
package struct DeviceFileError: Error, CustomStringConvertible {
  package let description: String

  init(_ message: String) {
    // Names in files are anybody's: nothing of them may break the line.
    description = String(
      String.UnicodeScalarView(
        message.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}

extension DeviceTable {
  /// `parameters` with the checksum of this file.
  ///
  /// - Throws: `ParameterError` if they ask for another file.
  func stamped<Parameters>(
    _ parameters: Parameters, _ key: WritableKeyPath<Parameters, String>
  ) throws(ParameterError) -> Parameters {
    var stamped = parameters
    let wanted = parameters[keyPath: key].lowercased()
    guard checksum.hasPrefix(wanted) else {
      throw ParameterError(
        "checksum",
        "is '\(wanted.prefix(64))', but that of the file is \(checksum); it has changed, or is "
          + "another one")
    }
    stamped[keyPath: key] = checksum
    return stamped
  }
}
