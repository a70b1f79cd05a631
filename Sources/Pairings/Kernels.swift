internal import CPairings
internal import CryptoCore

// The one file that calls CPairings. Values are the kernels' own: numbers in Montgomery's form,
// homogeneous points.

typealias FieldValue = ramp_fp
typealias QuadraticValue = ramp_fp2
typealias G1Value = ramp_g1
typealias G2Value = ramp_g2
typealias G1Coordinates = ramp_g1_affine
typealias G2Coordinates = ramp_g2_affine
typealias ScalarValue = ramp_scalar
typealias TargetValue = ramp_fp12

/// The kernels of one group, and what they take to be called without pointers.
@safe struct GroupKernel<Point: Sendable, Affine: Sendable, Field: Sendable>: Sendable {
  typealias Result = UnsafeMutablePointer<Point>?
  typealias Argument = UnsafePointer<Point>?

  /// How many bytes a compressed point takes.
  let byteCount: Int
  /// Values that are written over.
  let blank: Point, blankAffine: Affine
  let generate: @Sendable (Result) -> Void
  let add: @Sendable (Result, Argument, Argument) -> Void
  let double: @Sendable (Result, Argument) -> Void
  let negate: @Sendable (Result, Argument) -> Void
  let areEqual: @Sendable (Argument, Argument) -> Int32
  let isInfinity: @Sendable (Argument) -> Int32
  let isInSubgroup: @Sendable (Argument) -> Int32
  let multiply: @Sendable (Result, Argument, UnsafePointer<ramp_scalar>?) -> Void
  let multiplyPublic: @Sendable (Result, Argument, UnsafePointer<ramp_scalar>?) -> Void
  let normalize: @Sendable (UnsafeMutablePointer<Affine>?, Argument, Int) -> Void
  let fromAffine: @Sendable (Result, UnsafePointer<Affine>?) -> Void
  let encode: @Sendable (UnsafePointer<Affine>?, Int32, UnsafeMutablePointer<UInt8>?) -> Void
  let decode: @Sendable (UnsafePointer<UInt8>?, Int32, Result) -> Int32
  let decodeOnCurve: @Sendable (UnsafePointer<UInt8>?, Int32, Result) -> Int32
  let map: @Sendable (UnsafePointer<Field>?, Result) -> Void
  let clearCofactor: @Sendable (Argument, Result) -> Void
  let makeComb: @Sendable (Argument, UnsafeMutablePointer<Affine>?) -> Int32
  let multiplyComb: @Sendable (UnsafePointer<Affine>?, UnsafePointer<ramp_scalar>?, Result) -> Void
  let combine:
    @Sendable (UnsafePointer<Affine>?, UnsafePointer<UInt64>?, Int, Int, Int, Result) -> Int32
  let subsetsAreInSubgroup: @Sendable (UnsafePointer<Affine>?, UnsafePointer<UInt8>?, Int) -> Int32

  private func point(_ body: (Result) -> Void) -> Point {
    var value = blank
    unsafe withUnsafeMutablePointer(to: &value) { unsafe body($0) }
    return value
  }

  private func lend<Value, Answer>(_ value: Value, _ body: (UnsafePointer<Value>?) -> Answer)
    -> Answer
  {
    unsafe withUnsafePointer(to: value) { unsafe body($0) }
  }

  var generator: Point { unsafe point { unsafe generate($0) } }

  var infinity: Point {
    point(blankAffine)
  }

  /// The point of its coordinates.
  func point(_ coordinates: Affine) -> Point {
    unsafe lend(coordinates) { a in unsafe point { unsafe fromAffine($0, a) } }
  }

  func sum(_ a: Point, _ b: Point) -> Point {
    unsafe lend(a) { a in unsafe lend(b) { b in unsafe point { unsafe add($0, a, b) } } }
  }

  func doubled(_ a: Point) -> Point {
    unsafe lend(a) { a in unsafe point { unsafe double($0, a) } }
  }

  func negated(_ a: Point) -> Point {
    unsafe lend(a) { a in unsafe point { unsafe negate($0, a) } }
  }

  func isEqual(_ a: Point, _ b: Point) -> Bool {
    unsafe lend(a) { a in unsafe lend(b) { b in unsafe areEqual(a, b) == 1 } }
  }

  func isInfinity(_ a: Point) -> Bool { unsafe lend(a) { unsafe isInfinity($0) == 1 } }

  func isInSubgroup(_ a: Point) -> Bool { unsafe lend(a) { unsafe isInSubgroup($0) == 1 } }

  func product(_ a: Point, _ scalar: ScalarValue, isPublic: Bool) -> Point {
    unsafe lend(a) { a in
      unsafe lend(scalar) { k in
        unsafe point {
          if isPublic { unsafe multiplyPublic($0, a, k) } else { unsafe multiply($0, a, k) }
        }
      }
    }
  }

  /// The product with a number in memory that is zeroed.
  func product(_ a: Point, secret: SecretBytes) -> Point {
    unsafe lend(a) { a in
      unsafe ScalarKernel.lend(secret) { k in unsafe point { unsafe multiply($0, a, k) } }
    }
  }

  func product(_ comb: [Affine], secret: SecretBytes) -> Point {
    unsafe ScalarKernel.lend(secret) { k in unsafe point { unsafe multiplyComb(comb, k, $0) } }
  }

  func normalized(_ points: [Point]) -> [Affine] {
    var result = [Affine](repeating: blankAffine, count: points.count)
    unsafe normalize(&result, points, points.count)
    return result
  }

  func bytes(_ point: Affine, isCompressed: Bool) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: isCompressed ? byteCount : 2 * byteCount)
    unsafe lend(point) { unsafe encode($0, isCompressed ? 1 : 0, &bytes) }
    return bytes
  }

  /// A point of the curve, and whether it is in the group, if that is asked; of one or two times
  /// `byteCount` bytes.
  func decoded(
    _ bytes: [UInt8], checksGroup: Bool = true
  ) throws(PairingError) -> (point: Point, isInGroup: Bool) {
    guard bytes.count == byteCount || bytes.count == 2 * byteCount else {
      throw .wrongLength(count: bytes.count, expected: [byteCount, 2 * byteCount])
    }
    var status: Int32 = 0
    let form: Int32 = bytes.count == byteCount ? 1 : 0
    let value = unsafe point {
      unsafe status = checksGroup ? decode(bytes, form, $0) : decodeOnCurve(bytes, form, $0)
    }
    switch Int(status) {
    case RAMP_POINT_OK: return (value, true)
    case RAMP_POINT_FLAGS: throw .wrongFlags
    case RAMP_POINT_NOT_CANONICAL: throw .notCanonical
    case RAMP_POINT_NOT_IN_SUBGROUP: return (value, false)
    default: throw .notOnCurve
    }
  }

  /// Whether eight sums of points lie in the group: of those whose byte has bit 0, bit 1, and so on.
  func subsetsAreInSubgroup(_ points: [Affine], _ sets: [UInt8]) -> Bool {
    precondition(sets.count == points.count, "a byte for each point")
    let answer = unsafe subsetsAreInSubgroup(points, sets, points.count)
    precondition(answer >= 0, "no memory for the sums of \(points.count) points")
    return answer == 1
  }

  /// The point of the curve, not yet of the group, of an element of the field.
  func mapped(_ element: Field) -> Point {
    unsafe lend(element) { u in unsafe point { unsafe map(u, $0) } }
  }

  func withoutCofactor(_ a: Point) -> Point {
    unsafe lend(a) { a in unsafe point { unsafe clearCofactor(a, $0) } }
  }

  func comb(_ base: Point) -> [Affine] {
    var comb = [Affine](repeating: blankAffine, count: Int(RAMP_COMB_ENTRIES))
    let isDone = unsafe lend(base) { unsafe makeComb($0, &comb) == 1 }
    precondition(isDone, "no memory for the multiples of a point")
    return comb
  }

  func product(_ comb: [Affine], _ scalar: ScalarValue) -> Point {
    unsafe lend(scalar) { k in unsafe point { unsafe multiplyComb(comb, k, $0) } }
  }

  /// The sum of products of points with as many numbers of `words` words each from the `first` on,
  /// all below 2^bits; any points of the curve.
  func combination(
    _ points: ArraySlice<Affine>, _ numbers: [UInt64], from first: Int, words: Int, bits: Int
  ) -> Point {
    precondition(numbers.count >= (first + points.count) * words, "a number for each point")
    var isDone = false
    let value = unsafe point { result in
      unsafe points.withUnsafeBufferPointer { points in
        unsafe numbers.withUnsafeBufferPointer { numbers in
          unsafe isDone =
            combine(
              points.baseAddress, numbers.baseAddress.map { unsafe $0 + first * words }, words,
              bits, points.count, result) == 1
        }
      }
    }
    precondition(isDone, "no memory for the sum of \(points.count) products")
    return value
  }
}

let g1 = unsafe GroupKernel<G1Value, G1Coordinates, FieldValue>(
  byteCount: 48, blank: ramp_g1(), blankAffine: ramp_g1_affine(), generate: ramp_g1_generator,
  add: ramp_g1_add, double: ramp_g1_double, negate: ramp_g1_negate, areEqual: ramp_g1_equal,
  isInfinity: ramp_g1_is_infinity, isInSubgroup: ramp_g1_is_in_subgroup_public,
  multiply: ramp_g1_multiply, multiplyPublic: ramp_g1_multiply_public,
  normalize: ramp_g1_normalize, fromAffine: ramp_g1_from_affine, encode: ramp_g1_encode,
  decode: ramp_g1_decode_public,
  decodeOnCurve: ramp_g1_decode_on_curve_public, map: ramp_g1_map_public,
  clearCofactor: ramp_g1_clear_cofactor_public, makeComb: ramp_g1_comb,
  multiplyComb: ramp_g1_multiply_comb, combine: ramp_g1_combine_public,
  subsetsAreInSubgroup: ramp_g1_subsets_are_in_subgroup_public)

let g2 = unsafe GroupKernel<G2Value, G2Coordinates, QuadraticValue>(
  byteCount: 96, blank: ramp_g2(), blankAffine: ramp_g2_affine(), generate: ramp_g2_generator,
  add: ramp_g2_add, double: ramp_g2_double, negate: ramp_g2_negate, areEqual: ramp_g2_equal,
  isInfinity: ramp_g2_is_infinity, isInSubgroup: ramp_g2_is_in_subgroup_public,
  multiply: ramp_g2_multiply, multiplyPublic: ramp_g2_multiply_public,
  normalize: ramp_g2_normalize, fromAffine: ramp_g2_from_affine, encode: ramp_g2_encode,
  decode: ramp_g2_decode_public,
  decodeOnCurve: ramp_g2_decode_on_curve_public, map: ramp_g2_map_public,
  clearCofactor: ramp_g2_clear_cofactor_public, makeComb: ramp_g2_comb,
  multiplyComb: ramp_g2_multiply_comb, combine: ramp_g2_combine_public,
  subsetsAreInSubgroup: ramp_g2_subsets_are_in_subgroup_public)

extension GroupKernel where Point == G2Value, Affine == G2Coordinates {
  /// The lines of a point other than infinity.
  func lines(_ point: ramp_g2_affine) -> [QuadraticValue] {
    var lines = [QuadraticValue](repeating: QuadraticValue(), count: Int(RAMP_LINE_COEFFICIENTS))
    unsafe withUnsafePointer(to: point) { unsafe ramp_g2_prepare($0, &lines) }
    return lines
  }
}

/// Numbers modulo r.
enum ScalarKernel {
  static func read(_ bytes: [UInt8]) -> ScalarValue? {
    var value = ScalarValue()
    return unsafe ramp_scalar_read(bytes, &value) == 1 ? value : nil
  }

  /// 64 bytes modulo r.
  static func reduced(_ bytes: [UInt8]) -> ScalarValue {
    var value = ScalarValue()
    unsafe ramp_scalar_reduce(bytes, &value)
    return value
  }

  static func bytes(_ value: ScalarValue) -> [UInt8] {
    var value = value
    var bytes = [UInt8](repeating: 0, count: 32)
    unsafe ramp_scalar_write(&value, &bytes)
    return bytes
  }

  /// Numbers in memory that is zeroed: 32 bytes each.
  static func secret(_ write: (UnsafeMutablePointer<ramp_scalar>?) -> Void) -> SecretBytes {
    unsafe SecretBytes(count: 32) { memory in
      unsafe write(memory.assumingMemoryBound(to: ramp_scalar.self).baseAddress)
    }
  }

  static func lend<Answer>(
    _ secret: SecretBytes, _ body: (UnsafePointer<ramp_scalar>?) -> Answer
  ) -> Answer {
    unsafe secret.withUnsafeBytes { memory in
      unsafe body(memory.assumingMemoryBound(to: ramp_scalar.self).baseAddress)
    }
  }

  /// 64 secret bytes modulo r.
  static func reduced(_ bytes: SecretBytes) -> SecretBytes {
    precondition(bytes.count == 64, "64 bytes are reduced, not \(bytes.count)")
    return unsafe bytes.withUnsafeBytes { bytes in
      unsafe secret {
        unsafe ramp_scalar_reduce(bytes.assumingMemoryBound(to: UInt8.self).baseAddress, $0)
      }
    }
  }

  static func secret(_ value: ScalarValue) -> SecretBytes {
    unsafe secret { unsafe $0?.pointee = value }
  }

  static func revealed(_ secret: SecretBytes) -> ScalarValue {
    unsafe lend(secret) { unsafe $0?.pointee ?? ScalarValue() }
  }

  static func sum(_ a: SecretBytes, _ b: SecretBytes) -> SecretBytes {
    unsafe lend(a) { a in unsafe lend(b) { b in unsafe secret { unsafe ramp_scalar_sum($0, a, b) } }
    }
  }

  static func difference(_ a: SecretBytes, _ b: SecretBytes) -> SecretBytes {
    unsafe lend(a) { a in
      unsafe lend(b) { b in unsafe secret { unsafe ramp_scalar_difference($0, a, b) } }
    }
  }

  static func product(_ a: SecretBytes, _ b: SecretBytes) -> SecretBytes {
    unsafe lend(a) { a in
      unsafe lend(b) { b in unsafe secret { unsafe ramp_scalar_product($0, a, b) } }
    }
  }

  static func words(_ value: ScalarValue) -> [UInt64] {
    [value.words.0, value.words.1, value.words.2, value.words.3]
  }

  static func make(_ word: UInt64) -> ScalarValue { ScalarValue(words: (word, 0, 0, 0)) }

  static func sum(_ a: ScalarValue, _ b: ScalarValue) -> ScalarValue {
    var (a, b, result) = (a, b, ScalarValue())
    unsafe ramp_scalar_sum(&result, &a, &b)
    return result
  }

  static func difference(_ a: ScalarValue, _ b: ScalarValue) -> ScalarValue {
    var (a, b, result) = (a, b, ScalarValue())
    unsafe ramp_scalar_difference(&result, &a, &b)
    return result
  }

  static func product(_ a: ScalarValue, _ b: ScalarValue) -> ScalarValue {
    var (a, b, result) = (a, b, ScalarValue())
    unsafe ramp_scalar_product(&result, &a, &b)
    return result
  }

  static func inverse(_ a: ScalarValue) -> ScalarValue {
    var (a, result) = (a, ScalarValue())
    unsafe ramp_scalar_inverse(&result, &a)
    return result
  }
}

/// The base field, as far as hashing, encoding and tests need it.
enum FieldKernel {
  /// The number of 48 bytes, if it is below p.
  static func read(_ bytes: [UInt8]) -> FieldValue? {
    var value = FieldValue()
    return unsafe ramp_fp_read(bytes, &value) == 1 ? value : nil
  }

  /// 64 bytes modulo p.
  static func reduced(_ bytes: [UInt8]) -> FieldValue {
    var value = FieldValue()
    unsafe ramp_fp_reduce(bytes, &value)
    return value
  }

  static func bytes(_ value: FieldValue) -> [UInt8] {
    var value = value
    var bytes = [UInt8](repeating: 0, count: 48)
    unsafe ramp_fp_write(&value, &bytes)
    return bytes
  }

  static func pair(_ c0: FieldValue, _ c1: FieldValue) -> QuadraticValue {
    QuadraticValue(c0: c0, c1: c1)
  }

  static func sum(_ a: FieldValue, _ b: FieldValue) -> FieldValue {
    var (a, b, result) = (a, b, FieldValue())
    unsafe ramp_fp_sum(&result, &a, &b)
    return result
  }

  static func difference(_ a: FieldValue, _ b: FieldValue) -> FieldValue {
    var (a, b, result) = (a, b, FieldValue())
    unsafe ramp_fp_difference(&result, &a, &b)
    return result
  }

  static func product(_ a: FieldValue, _ b: FieldValue) -> FieldValue {
    var (a, b, result) = (a, b, FieldValue())
    unsafe ramp_fp_product(&result, &a, &b)
    return result
  }

  /// `a` times the `count`-th power of `b`, one product after the other.
  static func chain(_ a: FieldValue, _ b: FieldValue, count: Int) -> FieldValue {
    var (a, b) = (a, b)
    unsafe ramp_fp_chain(&a, &b, count)
    return a
  }

  static func inverse(_ a: FieldValue) -> FieldValue {
    var (a, result) = (a, FieldValue())
    unsafe ramp_fp_inverse(&result, &a)
    return result
  }

  static func root(_ a: FieldValue) -> FieldValue? {
    var (a, result) = (a, FieldValue())
    return unsafe ramp_fp_root(&result, &a) == 1 ? result : nil
  }

  static func parts(_ a: QuadraticValue) -> (FieldValue, FieldValue) { (a.c0, a.c1) }

  static func product(_ a: QuadraticValue, _ b: QuadraticValue) -> QuadraticValue {
    var (a, b, result) = (a, b, QuadraticValue())
    unsafe ramp_fp2_product(&result, &a, &b)
    return result
  }

  static func square(_ a: QuadraticValue) -> QuadraticValue {
    var (a, result) = (a, QuadraticValue())
    unsafe ramp_fp2_square(&result, &a)
    return result
  }

  static func inverse(_ a: QuadraticValue) -> QuadraticValue {
    var (a, result) = (a, QuadraticValue())
    unsafe ramp_fp2_inverse(&result, &a)
    return result
  }

  static func root(_ a: QuadraticValue) -> QuadraticValue? {
    var (a, result) = (a, QuadraticValue())
    return unsafe ramp_fp2_root(&result, &a) == 1 ? result : nil
  }

  static var isAccelerated: Bool { ramp_pairing_is_accelerated() == 1 }

  static func allowAcceleration(_ isAllowed: Bool) {
    ramp_pairing_allow_acceleration(isAllowed ? 1 : 0)
  }
}

/// The group the pairing leads to, in the field of p^12 elements.
enum TargetKernel {
  static var one: TargetValue {
    var result = TargetValue()
    unsafe ramp_fp12_one(&result)
    return result
  }

  /// The product of Miller loops over prepared points that stand side by side, raised to the final
  /// power.
  static func pairing(_ points: [ramp_g1_affine], _ lines: [QuadraticValue]) -> TargetValue {
    var (product, result) = (TargetValue(), TargetValue())
    unsafe ramp_miller_loop(points, lines, points.count, &product)
    unsafe ramp_final_power(&product, &result)
    return result
  }

  static func product(_ a: TargetValue, _ b: TargetValue) -> TargetValue {
    var (a, b, result) = (a, b, TargetValue())
    unsafe ramp_fp12_product(&result, &a, &b)
    return result
  }

  static func inverse(_ a: TargetValue) -> TargetValue {
    var (a, result) = (a, TargetValue())
    unsafe ramp_gt_inverse(&result, &a)
    return result
  }

  static func square(_ a: TargetValue) -> TargetValue {
    var (a, result) = (a, TargetValue())
    unsafe ramp_gt_square(&result, &a)
    return result
  }

  static func power(_ a: TargetValue, _ exponent: ScalarValue) -> TargetValue {
    var (a, k, result) = (a, exponent, TargetValue())
    unsafe ramp_gt_power(&result, &a, &k)
    return result
  }

  static func isEqual(_ a: TargetValue, _ b: TargetValue) -> Bool {
    var (a, b) = (a, b)
    return unsafe ramp_fp12_equal(&a, &b) == 1
  }

  static func isInGroup(_ a: TargetValue) -> Bool {
    var a = a
    return unsafe ramp_gt_is_in_group_public(&a) == 1
  }

  /// The twelve coefficients, those of w^0 first: of each half three pairs.
  static func coefficients(_ a: TargetValue) -> [FieldValue] {
    [a.c0, a.c1].flatMap { half in [half.c0, half.c1, half.c2].flatMap { [$0.c0, $0.c1] } }
  }

  static func make(_ c: [FieldValue]) -> TargetValue {
    func half(_ i: Int) -> ramp_fp6 {
      ramp_fp6(
        c0: ramp_fp2(c0: c[i], c1: c[i + 1]), c1: ramp_fp2(c0: c[i + 2], c1: c[i + 3]),
        c2: ramp_fp2(c0: c[i + 4], c1: c[i + 5]))
    }
    return TargetValue(c0: half(0), c1: half(6))
  }
}
