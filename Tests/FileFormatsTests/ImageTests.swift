import FileFormats
import Testing

@Suite("Images")
struct ImageTests {
  /// An independent reader of what PNG files may hold here: 8 bits, gray or RGB, filter 0.
  private struct Reader {
    var width = 0
    var height = 0
    var channels = 0
    var samples: [UInt8] = []
    var problems: [String] = []

    init(_ bytes: [UInt8]) throws {
      if Array(bytes.prefix(8)) != [137, 80, 78, 71, 13, 10, 26, 10] { problems.append("magic") }
      var at = 8
      var packed: [UInt8] = []
      var kinds: [String] = []
      func number(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
      while at + 12 <= bytes.count {
        let length = number(at)
        let body = Array(bytes[(at + 4)..<(at + 8 + length)])
        let kind = String(decoding: body.prefix(4), as: UTF8.self)
        kinds.append(kind)
        if Self.crc(body) != UInt32(number(at + 8 + length)) { problems.append("crc of \(kind)") }
        if kind == "IHDR" {
          (width, height) = (number(at + 8), number(at + 12))
          channels = body[13] == 2 ? 3 : 1
          if body[12] != 8 || Array(body[14...]) != [0, 0, 0] { problems.append("header") }
        }
        if kind == "IDAT" { packed += body.dropFirst(4) }
        at += 12 + length
      }
      if kinds != ["IHDR", "IDAT", "IEND"] || at != bytes.count { problems.append("\(kinds)") }
      // zlib's format: two bytes before the raw stream, four behind.
      let rows = try Inflate(Array(packed.dropFirst(2).dropLast(4))).output
      for row in 0..<height {
        let start = row * (width * channels + 1)
        if rows[start] != 0 { problems.append("filter") }
        samples += rows[(start + 1)..<(start + 1 + width * channels)]
      }
    }

    /// The polynomial of ISO 3309, bit by bit.
    static func crc(_ bytes: [UInt8]) -> UInt32 {
      var crc: UInt32 = 0xFFFF_FFFF
      for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      }
      return ~crc
    }
  }

  @Test(
    "PNG files hold the samples, under check sums, as an independent reader finds",
    arguments: [1, 3])
  func png(channels: Int) throws {
    let (height, width) = (5, 7)
    let samples = (0..<(height * width * channels)).map { UInt8(($0 * 37) % 256) }
    let image = PNGImage(width: width, height: height, channels: channels, samples: samples)
    let read = try Reader(image.encoded())
    #expect(read.problems.isEmpty)
    #expect(read.width == width && read.height == height && read.channels == channels)
    #expect(read.samples == samples)
  }

  @Test("pixels are cut off at 0 and 1, rounded, and laid side by side; no number is black")
  func pixels() {
    let image = PNGImage(
      pixels: [0, 1, 0.5, -3] + [2, .nan, 0.25, 0.75] + [0.1, 0.2, 0.3, 0.4], channels: 3,
      height: 2, width: 2)
    #expect(image.samples == [0, 255, 26, 255, 0, 51, 128, 64, 77, 0, 191, 102])
  }

  @Test("a contact sheet repeats pixels, borders every image and leaves free places light")
  func sheet() throws {
    var sheet = ContactSheet(channels: 1, height: 2, width: 1)
    #expect(sheet.image() == nil)
    sheet.add(row: [[0, 1], nil])
    sheet.add(row: [nil, [1, 0]])
    let image = try #require(sheet.image(side: 4))
    // Scale 2: images of 4x2 in places of 8x6, and one more border.
    #expect(image.height == 20 && image.width == 16)
    func at(_ row: Int, _ column: Int) -> UInt8 { image.samples[row * 16 + column] }
    #expect(at(4, 4) == 0 && at(5, 5) == 0 && at(6, 4) == 255 && at(7, 5) == 255)
    #expect(at(4, 10) == 235 && at(0, 0) == 235 && at(12, 4) == 235)
    #expect(at(12, 10) == 255 && at(13, 11) == 255 && at(14, 10) == 0 && at(15, 11) == 0)
    #expect(at(16, 10) == 235 && at(12, 12) == 235)
  }
}
