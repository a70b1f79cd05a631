internal import CKernels

/// A vector over a ``MaskRing``: an encoded update, a mask, or a sum of them.
///
/// A value with copy on write. Elements are always reduced, so equal vectors are equal values.
/// Additions wrap around at R; they cost one pass over memory.
public struct RingVector: Sendable, Hashable {
  /// The ring of the elements.
  public let ring: MaskRing
  /// The elements of a ring of at most 32 bits; otherwise empty.
  public private(set) var narrow: [UInt32]
  /// The elements of a ring of more than 32 bits; otherwise empty.
  public private(set) var wide: [UInt64]

  /// `count` zeros.
  public init(zeros count: Int, in ring: MaskRing) {
    self.ring = ring
    narrow = ring.isNarrow ? [UInt32](repeating: 0, count: count) : []
    wide = ring.isNarrow ? [] : [UInt64](repeating: 0, count: count)
  }

  /// The given integers modulo R.
  public init(_ elements: [UInt64], in ring: MaskRing) {
    self.ring = ring
    narrow = ring.isNarrow ? elements.map { UInt32($0 & ring.mask) } : []
    wide = ring.isNarrow ? [] : elements.map { $0 & ring.mask }
  }

  /// How many elements there are.
  public var count: Int { ring.isNarrow ? narrow.count : wide.count }

  /// An element; what is put in is reduced modulo R.
  public subscript(index: Int) -> UInt64 {
    get { ring.isNarrow ? UInt64(narrow[index]) : wide[index] }
    set {
      if ring.isNarrow {
        narrow[index] = UInt32(newValue & ring.mask)
      } else {
        wide[index] = newValue & ring.mask
      }
    }
  }

  /// The elements as integers in 0..<R, copied.
  public var elements: [UInt64] { ring.isNarrow ? narrow.map { UInt64($0) } : wide }

  /// Adds another vector, modulo R.
  ///
  /// - Throws: ``EncodingError/ring(bits:expected:)`` or ``EncodingError/length(_:expected:)`` unless
  ///   both have the same ring and length.
  public mutating func add(_ other: RingVector) throws(EncodingError) {
    try requireSameShape(other)
    if ring.isNarrow {
      unsafe secagg_add_u32(&narrow, other.narrow, count, UInt32(ring.mask))
    } else {
      unsafe secagg_add_u64(&wide, other.wide, count, ring.mask)
    }
  }

  /// Subtracts another vector, modulo R; throws as ``add(_:)`` does.
  public mutating func subtract(_ other: RingVector) throws(EncodingError) {
    try requireSameShape(other)
    if ring.isNarrow {
      unsafe secagg_subtract_u32(&narrow, other.narrow, count, UInt32(ring.mask))
    } else {
      unsafe secagg_subtract_u64(&wide, other.wide, count, ring.mask)
    }
  }

  /// Calls `body` with the elements of a ring of at most 32 bits, in place; it may leave any words,
  /// which are then reduced modulo R, but not another number of them. Many additions should share
  /// one call.
  ///
  /// - Precondition: The ring is narrow.
  public mutating func withMutableNarrowWords<Result, Failure: Error>(
    _ body: (inout [UInt32]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(ring.isNarrow, "the elements of a ring \(ring) are words of 64 bits")
    let count = count
    defer {
      precondition(narrow.count == count, "a vector must keep its length")
      if ring.bits < 32 { unsafe secagg_reduce_u32(&narrow, count, UInt32(ring.mask)) }
    }
    return try body(&narrow)
  }

  /// The same for a ring of more than 32 bits.
  ///
  /// - Precondition: The ring is not narrow.
  public mutating func withMutableWideWords<Result, Failure: Error>(
    _ body: (inout [UInt64]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(!ring.isNarrow, "the elements of a ring \(ring) are words of 32 bits")
    let count = count
    defer {
      precondition(wide.count == count, "a vector must keep its length")
      unsafe secagg_reduce_u64(&wide, count, ring.mask)
    }
    return try body(&wide)
  }

  private func requireSameShape(_ other: RingVector) throws(EncodingError) {
    guard other.ring == ring else { throw .ring(bits: other.ring.bits, expected: ring.bits) }
    guard other.count == count else { throw .length(other.count, expected: count) }
  }
}

// MARK: - On the wire

extension RingVector {
  /// The elements at w bits each, one after the other, least significant bit first (little-endian);
  /// the bits left over in the last byte are 0.
  ///
  /// Worked example: 1, 2, 3 modulo 2^12 are the bytes 01 20 00 03 00. O(bytes).
  public func packed() -> [UInt8] {
    let size = ring.packedCount(count)
    // The kernel stores 16 bytes at a time.
    return unsafe [UInt8](unsafeUninitializedCapacity: size + 16) { buffer, initialized in
      guard let out = buffer.baseAddress else { return }
      if ring.isNarrow {
        unsafe secagg_pack_u32(narrow, count, UInt32(ring.bits), out)
      } else {
        unsafe secagg_pack_u64(wide, count, UInt32(ring.bits), out)
      }
      initialized = size
    }
  }

  /// The vector of `count` elements that ``packed()`` gives these bytes.
  ///
  /// - Throws: ``EncodingError/packedLength(_:expected:)`` unless there are exactly as many bytes as
  ///   needed, ``EncodingError/padding`` unless the bits left over are 0: every vector has one
  ///   packed form.
  public init(
    unpacking bytes: some Collection<UInt8>, count: Int, in ring: MaskRing
  ) throws(EncodingError) {
    let size = ring.packedCount(count)
    guard bytes.count == size else { throw .packedLength(bytes.count, expected: size) }
    let used = count % 8 * ring.bits % 8
    if used != 0, let last = bytes.dropFirst(size - 1).first, last >> UInt8(used) != 0 {
      throw .padding
    }
    self.init(zeros: count, in: ring)
    // Arrays and their slices lend their memory; anything else is copied once.
    if bytes.withContiguousStorageIfAvailable({ unsafe read($0) }) == nil {
      let copy = Array(bytes)
      unsafe copy.withUnsafeBufferPointer { unsafe read($0) }
    }
  }

  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    if ring.isNarrow {
      unsafe secagg_unpack_u32(start, count, UInt32(ring.bits), &narrow)
    } else {
      unsafe secagg_unpack_u64(start, count, UInt32(ring.bits), &wide)
    }
  }
}

// MARK: - Codes

extension RingVector {
  /// Writes weighted codes of `count` numbers from the element `start` on.
  mutating func encode(
    _ x: UnsafePointer<Float>, _ random: UnsafePointer<UInt32>, count: Int, code: inout secagg_code,
    weight: UInt64, at start: Int
  ) {
    if ring.isNarrow {
      unsafe narrow.withUnsafeMutableBufferPointer { out in
        guard let out = out.baseAddress else { return }
        unsafe secagg_encode_u32(x, random, count, &code, UInt32(weight), out + start)
      }
    } else {
      unsafe wide.withUnsafeMutableBufferPointer { out in
        guard let out = out.baseAddress else { return }
        unsafe secagg_encode_u64(x, random, count, &code, weight, out + start)
      }
    }
  }

  /// Writes the means of the first `count` elements; returns the first element above `top`.
  func decode(top: UInt64, clip: Double, count: Int, into mean: UnsafeMutablePointer<Double>) -> Int
  {
    ring.isNarrow
      ? unsafe secagg_decode_u32(narrow, count, top, clip, mean)
      : unsafe secagg_decode_u64(wide, count, top, clip, mean)
  }
}
