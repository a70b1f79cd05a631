internal import CZlib

/// The one file that calls zlib: gzip files to bytes, and what PNG files need of it.
///
/// Source: RFC 1952. Several members in a row are one content, as `gzip -d` takes them.
enum Gzip {
  /// Whether a content starts like a gzip file.
  static func isPacked(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// The most that deflate can make out of one byte (zlib's technical notes: 1032), rounded up.
  static let largestRatio = 1100

  /// What a gzip file holds, checked against its check sums.
  ///
  /// Memory is bounded by what deflate can make of the bytes that are there, whatever the file says.
  ///
  /// - Throws: `TensorFileError` for a file that is cut off, damaged, followed by something else, or
  ///   larger unpacked than `WholeFile.limit`.
  static func unpack(_ bytes: [UInt8], file: String) throws(TensorFileError) -> [UInt8] {
    let place = TensorPlace(file: file)
    var stream = z_stream()
    // 15: the largest window; 16 more: a gzip header, not zlib's own.
    let status = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw place.error("zlib cannot start (\(status))") }
    defer { inflateEnd(&stream) }
    var content: [UInt8] = []
    var read = 0
    var capacity = firstCapacity(bytes)
    while read < bytes.count {
      let step = inflateStep(&stream, bytes, from: read, capacity: capacity)
      read += step.read
      if content.isEmpty { content = step.output } else { content += step.output }
      guard content.count <= WholeFile.limit else {
        throw place.error(
          "the file holds more than \(WholeFile.limit) bytes unpacked", expected: "at most that")
      }
      switch step.status {
      case Z_STREAM_END:
        guard read < bytes.count else { return content }
        guard isPacked(Array(bytes[read...].prefix(2))) else {
          throw place.error(
            "something follows the packed content at byte \(read)", expected: "the end of the file")
        }
        inflateReset(&stream)
      case Z_OK where step.read > 0 || !step.output.isEmpty: break
      case Z_BUF_ERROR where !step.output.isEmpty: break
      case Z_OK, Z_BUF_ERROR:
        throw place.error("the packed content is cut off after \(bytes.count) bytes")
      default:
        let reason = stream.msg.map { String(cString: $0) } ?? "zlib error \(step.status)"
        throw place.error("the packed content is damaged near byte \(read) (\(reason))")
      }
      capacity = min(max(content.count, 1 << 16), 1 << 26)
    }
    throw place.error("the packed content is cut off after \(bytes.count) bytes")
  }

  /// Room for what the last four bytes claim, if that many bytes can come of so short a file.
  private static func firstCapacity(_ bytes: [UInt8]) -> Int {
    let claim = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return min(max(claim, 64), bytes.count * largestRatio, WholeFile.limit) + 1
  }

  private static func inflateStep(
    _ stream: inout z_stream, _ bytes: [UInt8], from start: Int, capacity: Int
  ) -> (status: Int32, read: Int, output: [UInt8]) {
    var status = Z_OK
    let offered = min(bytes.count - start, Int(UInt32.max))
    let room = min(capacity, Int(UInt32.max))
    let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
      bytes.withUnsafeBufferPointer { input in
        // zlib reads through this pointer and does not write.
        stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + start) }
        stream.avail_in = UInt32(offered)
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(room)
        status = inflate(&stream, Z_NO_FLUSH)
        stream.next_in = nil
        stream.next_out = nil
      }
      initialized = room - Int(stream.avail_out)
    }
    return (status, offered - Int(stream.avail_in), output)
  }

  /// `bytes` deflated, in zlib's own format.
  ///
  /// - Precondition: Fewer than 2^32 bytes, and memory for the result.
  static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(UInt(bytes.count))
    var status = Z_OK
    let packed = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, initialized in
      status = bytes.withUnsafeBufferPointer { input in
        compress2(buffer.baseAddress, &length, input.baseAddress, UInt(bytes.count), 9)
      }
      initialized = status == Z_OK ? Int(length) : 0
    }
    precondition(status == Z_OK, "compress2 into a buffer of compressBound bytes fails never")
    return packed
  }

  /// The check sum of PNG's chunks: CRC-32 of ISO 3309.
  static func crc(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { UInt32(crc32_z(0, $0.baseAddress, $0.count)) }
  }
}
