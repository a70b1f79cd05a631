/// An element of the base field, for tests of its arithmetic.
package struct BaseFieldElement: Sendable {
  let value: FieldValue

  init(_ value: FieldValue) { self.value = value }

  /// The number of 48 bytes, most significant first.
  ///
  /// - Throws: `PairingError.wrongLength` or `.notCanonical`.
  package init(bytes: [UInt8]) throws(PairingError) {
    guard bytes.count == 48 else { throw .wrongLength(count: bytes.count, expected: [48]) }
    guard let value = FieldKernel.read(bytes) else { throw .notCanonical }
    self.value = value
  }

  /// The residue of 64 bytes.
  package init(reducing bytes: [UInt8]) throws(PairingError) {
    guard bytes.count == 64 else { throw .wrongLength(count: bytes.count, expected: [64]) }
    value = FieldKernel.reduced(bytes)
  }

  package var bytes: [UInt8] { FieldKernel.bytes(value) }
  /// Zero for zero.
  package var inverse: BaseFieldElement { BaseFieldElement(FieldKernel.inverse(value)) }
  package var squareRoot: BaseFieldElement? { FieldKernel.root(value).map(BaseFieldElement.init) }

  package static func + (a: BaseFieldElement, b: BaseFieldElement) -> BaseFieldElement {
    BaseFieldElement(FieldKernel.sum(a.value, b.value))
  }

  package static func - (a: BaseFieldElement, b: BaseFieldElement) -> BaseFieldElement {
    BaseFieldElement(FieldKernel.difference(a.value, b.value))
  }

  package static func * (a: BaseFieldElement, b: BaseFieldElement) -> BaseFieldElement {
    BaseFieldElement(FieldKernel.product(a.value, b.value))
  }
}

/// An element c0 + c1 u of the quadratic extension, for tests of its arithmetic.
package struct QuadraticElement: Sendable {
  let value: QuadraticValue

  init(_ value: QuadraticValue) { self.value = value }

  package init(_ c0: BaseFieldElement, _ c1: BaseFieldElement) {
    value = FieldKernel.pair(c0.value, c1.value)
  }

  package var c0: BaseFieldElement { BaseFieldElement(FieldKernel.parts(value).0) }
  package var c1: BaseFieldElement { BaseFieldElement(FieldKernel.parts(value).1) }
  package var squared: QuadraticElement { QuadraticElement(FieldKernel.square(value)) }
  /// Zero for zero.
  package var inverse: QuadraticElement { QuadraticElement(FieldKernel.inverse(value)) }
  package var squareRoot: QuadraticElement? { FieldKernel.root(value).map(QuadraticElement.init) }

  package static func * (a: QuadraticElement, b: QuadraticElement) -> QuadraticElement {
    QuadraticElement(FieldKernel.product(a.value, b.value))
  }
}

extension G1Point {
  /// What RFC 9380 maps an element of the field to, with or without its part outside the group.
  package init(mapping element: BaseFieldElement, clearsCofactor: Bool) {
    let point = g1.mapped(element.value)
    value = clearsCofactor ? g1.withoutCofactor(point) : point
  }
}

extension G2Point {
  /// What RFC 9380 maps an element of the field to, with or without its part outside the group.
  package init(mapping element: QuadraticElement, clearsCofactor: Bool) {
    let point = g2.mapped(element.value)
    value = clearsCofactor ? g2.withoutCofactor(point) : point
  }
}

extension MessageExpansion {
  /// The numbers of the field a message is hashed to.
  package static func elements(
    of message: [UInt8], domain: [UInt8], count: Int
  ) throws(PairingError) -> [BaseFieldElement] {
    try fieldElements(of: message, domain: domain, count: count).map(BaseFieldElement.init)
  }
}
