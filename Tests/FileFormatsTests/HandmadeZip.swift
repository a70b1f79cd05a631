/// ZIP archives put together by hand after PKWARE's APPNOTE, so that every field can lie.
struct HandmadeZip {
  struct Member {
    var name: String
    var content: [UInt8]
    var method = 0
    var flags = 0
    /// What the archive says instead of the truth.
    var claimedSize: Int?
    var claimedPackedSize: Int?
    var claimedCRC: UInt32?
    /// The local header that the central directory points to, instead of the member's own.
    var sharedWith: Int?
  }

  static func bytes(_ members: [Member]) -> [UInt8] {
    var out: [UInt8] = []
    var central: [UInt8] = []
    var offsets: [Int] = []
    for member in members {
      let crc = member.claimedCRC ?? crc32(member.content)
      let packed = member.method == 8 ? deflatedStored(member.content) : member.content
      let packedSize = member.claimedPackedSize ?? packed.count
      let size = member.claimedSize ?? member.content.count
      let name = Array(member.name.utf8)
      let common =
        u16(member.flags) + u16(member.method) + u16(0) + u16(33) + u32(Int(crc)) + u32(packedSize)
        + u32(size) + u16(name.count) + u16(0)
      let offset = member.sharedWith.map { offsets[$0] } ?? out.count
      offsets.append(offset)
      if member.sharedWith == nil {
        out += Array("PK\u{3}\u{4}".utf8) + u16(20) + common + name + packed
      }
      central +=
        Array("PK\u{1}\u{2}".utf8) + u16(20) + u16(20) + common + u16(0) + u16(0) + u16(0) + u32(0)
        + u32(offset) + name
    }
    let end =
      u16(0) + u16(0) + u16(members.count) + u16(members.count) + u32(central.count)
      + u32(out.count) + u16(0)
    return out + central + Array("PK\u{5}\u{6}".utf8) + end
  }

  /// One stored block of a deflate stream (RFC 1951, section 3.2.4).
  private static func deflatedStored(_ bytes: [UInt8]) -> [UInt8] {
    [1] + u16(bytes.count) + u16(bytes.count ^ 0xFFFF) + bytes
  }

  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~crc
  }

  private static func u16(_ value: Int) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }

  private static func u32(_ value: Int) -> [UInt8] { u16(value & 0xFFFF) + u16(value >> 16) }
}
