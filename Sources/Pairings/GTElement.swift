/// An element of the group GT the pairing leads to: of order r, in the field of p^12 elements. The
/// group is written as a product.
///
/// Which pairing: see ``Pairing``.
public struct GTElement: Sendable {
  let value: TargetValue

  init(_ value: TargetValue) { self.value = value }

  /// One, the neutral element.
  public static let one = GTElement(TargetKernel.one)

  /// The element of 576 bytes: twelve numbers of 48 bytes, most significant byte first, in the order
  /// of ``bytes``.
  ///
  /// - Throws: `PairingError.wrongLength`, `.notCanonical`, or `.notInSubgroup`.
  public init(bytes: [UInt8]) throws(PairingError) {
    guard bytes.count == 576 else { throw .wrongLength(count: bytes.count, expected: [576]) }
    var coefficients: [FieldValue] = []
    for index in 0..<12 {
      guard let number = FieldKernel.read(Array(bytes[48 * index..<48 * (index + 1)])) else {
        throw .notCanonical
      }
      coefficients.append(number)
    }
    let value = TargetKernel.make(coefficients)
    guard TargetKernel.isInGroup(value) else { throw .notInSubgroup }
    self.value = value
  }

  /// 576 bytes: the coefficients of (a0 + a1 v + a2 v^2) + (b0 + b1 v + b2 v^2) w, where w^2 = v and
  /// v^3 = 1 + u; of each, that of u last.
  public var bytes: [UInt8] {
    TargetKernel.coefficients(value).flatMap(FieldKernel.bytes)
  }

  /// Whether this is one.
  public var isOne: Bool { self == .one }

  /// The product.
  public static func * (a: GTElement, b: GTElement) -> GTElement {
    GTElement(TargetKernel.product(a.value, b.value))
  }

  /// The square, in half the time of a product.
  public var squared: GTElement { GTElement(TargetKernel.square(value)) }

  /// The inverse: in this group a change of six signs.
  public var inverse: GTElement { GTElement(TargetKernel.inverse(value)) }

  /// The power of a number, which stays secret.
  ///
  /// - Complexity: 64 squares and 78 products, since raising to the power of p costs next to nothing
  ///   (Galbraith, Scott, Pairing 2008).
  public func power(_ k: PairingScalar) -> GTElement {
    GTElement(TargetKernel.power(value, k.value))
  }
}

extension GTElement: Equatable {
  /// Whether both are the same, in the same time for all.
  public static func == (a: GTElement, b: GTElement) -> Bool {
    TargetKernel.isEqual(a.value, b.value)
  }
}
