import Randomness
import SecureAggregation
import TestSupport
import Testing

@Suite("The ring of sums")
struct MaskRingTests {
  @Test("the modulus is the least power of two above clients · maxWeight · (2^bits - 1)")
  func leastModulus() throws {
    for clients in [1, 2, 3, 7, 64, 100, 1000, 1_000_000] {
      for bits in [1, 2, 8, 16, 20, 24, 31, 32] {
        for maxWeight in [1, 2, 3, 255, 1000, 65_536] {
          let largest = UInt128(clients) * UInt128(maxWeight) * ((1 << UInt128(bits)) - 1)
          var width = 1
          var modulus: UInt128 = 2
          while modulus <= largest {
            modulus *= 2
            width += 1
          }
          let ring = try? MaskRing(clients: clients, bits: bits, maxWeight: maxWeight)
          #expect(ring?.bits == (width <= 63 ? width : nil), "\(clients) \(bits) \(maxWeight)")
          if let ring {
            #expect(UInt128(ring.modulus) == modulus)
            #expect(ring.isNarrow == (modulus <= 1 << 32))
            #expect(UInt128(clients) * UInt128(maxWeight) < modulus)
          }
        }
      }
    }
  }

  @Test("1024 clients of 22 bits are the last that fit 32 bits, as for the modulus of Flower")
  func knownEdge() throws {
    #expect(try MaskRing(clients: 1024, bits: 22, maxWeight: 1).bits == 32)
    #expect(try MaskRing(clients: 1025, bits: 22, maxWeight: 1).bits == 33)
  }

  @Test("a modulus too wide is refused, and what the message offers fits, and no more")
  func tooWide() throws {
    for (clients, bits, maxWeight) in [
      (1_000_000, 32, 65_536), (3, 32, 1 << 40), (1 << 40, 32, 1), (1 << 50, 16, 1 << 10),
      (Int.max, 32, Int.max), (Int.max, 1, 2),
    ] {
      do {
        _ = try MaskRing(clients: clients, bits: bits, maxWeight: maxWeight)
        Issue.record("\(clients) \(bits) \(maxWeight) must not fit")
      } catch .modulusTooWide(
        clients: _, bits: _, maxWeight: _, needed: let needed, fitting: let fitting)
      {
        #expect(needed > 63)
        if let fewer = fitting.bits {
          _ = try MaskRing(clients: clients, bits: fewer, maxWeight: maxWeight)
        }
        #expect(throws: EncodingError.self) {
          _ = try MaskRing(clients: clients, bits: (fitting.bits ?? 0) + 1, maxWeight: maxWeight)
        }
        if let lighter = fitting.maxWeight {
          _ = try MaskRing(clients: clients, bits: bits, maxWeight: lighter)
        }
        #expect(throws: EncodingError.self) {
          _ = try MaskRing(
            clients: clients, bits: bits, maxWeight: (fitting.maxWeight ?? 0) + 1)
        }
      } catch {
        Issue.record(error)
      }
    }
    let message =
      "the sum of 1000000 vectors of 32 bits with weights up to 65536 needs a modulus of 68 bits and "
      + "at most 63 are possible; up to 27 bits fit with these weights, weights up to 2147 with 32 "
      + "bits"
    #expect {
      _ = try MaskRing(clients: 1_000_000, bits: 32, maxWeight: 65_536)
    } throws: {
      "\($0)" == message
    }
  }

  @Test("parameters out of range are refused")
  func ranges() {
    for (clients, bits, maxWeight) in [(0, 8, 1), (-1, 8, 1), (1, 0, 1), (1, 33, 1), (1, 8, 0)] {
      #expect(throws: EncodingError.self) {
        _ = try MaskRing(clients: clients, bits: bits, maxWeight: maxWeight)
      }
    }
    for bits in [-1, 0, 64] {
      #expect(throws: EncodingError.self) { _ = try MaskRing(bits: bits) }
    }
  }

  /// The bits of all elements in a row, one by one.
  static func packedBitByBit(_ elements: [UInt64], width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (elements.count * width + 7) / 8)
    for (index, element) in elements.enumerated() {
      for bit in 0..<width where element >> UInt64(bit) & 1 == 1 {
        bytes[(index * width + bit) / 8] |= 1 << UInt8((index * width + bit) % 8)
      }
    }
    return bytes
  }

  @Test("packing writes w bits an element, and unpacking reads them back", arguments: 1...63)
  func packing(width: Int) throws {
    let ring = try MaskRing(bits: width)
    var generator = testGenerator(UInt64(width))
    for count in Array(0...40) + [255, 1001] {
      let elements = (0..<count).map { _ in generator.next() & ring.mask }
      let vector = RingVector(elements, in: ring)
      let bytes = vector.packed()
      #expect(bytes == Self.packedBitByBit(elements, width: width))
      #expect(bytes.count == ring.packedCount(count))
      #expect(try RingVector(unpacking: bytes, count: count, in: ring) == vector)
      let framed = [7] + bytes + [9]
      #expect(
        try RingVector(unpacking: framed[1..<(framed.count - 1)], count: count, in: ring) == vector)
      #expect(vector.elements == elements)

      #expect(throws: EncodingError.packedLength(bytes.count + 1, expected: bytes.count)) {
        _ = try RingVector(unpacking: bytes + [0], count: count, in: ring)
      }
      guard count > 0 else { continue }
      #expect(throws: EncodingError.packedLength(bytes.count - 1, expected: bytes.count)) {
        _ = try RingVector(unpacking: bytes.dropLast(), count: count, in: ring)
      }
      for bit in 0..<8 where (bytes.count - 1) * 8 + bit >= count * width {
        var padded = bytes
        padded[bytes.count - 1] |= 1 << UInt8(bit)
        #expect(throws: EncodingError.padding) {
          _ = try RingVector(unpacking: padded, count: count, in: ring)
        }
      }
    }
  }

  @Test("the worked example of packing")
  func packingExample() throws {
    let vector = RingVector([1, 2, 3], in: try MaskRing(bits: 12))
    #expect(vector.packed() == [0x01, 0x20, 0x00, 0x03, 0x00])
    #expect(try MaskRing(bits: 24).packedCount(1_000_001) == 3_000_003)
  }

  @Test("addition and subtraction wrap around", arguments: [1, 5, 31, 32, 33, 48, 63])
  func arithmetic(width: Int) throws {
    let ring = try MaskRing(bits: width)
    var generator = testGenerator(UInt64(width))
    let a = (0..<77).map { _ in generator.next() & ring.mask }
    let b = (0..<77).map { _ in generator.next() & ring.mask }
    var vector = RingVector(a, in: ring)
    try vector.add(RingVector(b, in: ring))
    #expect(vector.elements == zip(a, b).map { ($0 &+ $1) % ring.modulus })
    try vector.subtract(RingVector(a, in: ring))
    #expect(vector.elements == b)
    #expect(throws: EncodingError.length(76, expected: 77)) {
      try vector.add(RingVector(zeros: 76, in: ring))
    }
    let other = try MaskRing(bits: width == 63 ? 62 : width + 1)
    #expect(throws: EncodingError.ring(bits: other.bits, expected: width)) {
      try vector.subtract(RingVector(zeros: 77, in: other))
    }
    // Whatever is left in the words is reduced.
    if ring.isNarrow {
      vector.withMutableNarrowWords { $0[3] = .max }
    } else {
      vector.withMutableWideWords { $0[3] = .max }
    }
    #expect(vector[3] == ring.mask)
    vector[4] = .max
    #expect(vector[4] == ring.mask)
  }
}
