/// Why a vector has no place in the ring, or a sum from it no meaning.
public enum EncodingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A parameter is out of its range: its name, what it is, and what it must be.
  case invalid(String, String, String)
  /// The sums need a modulus of more than 2^63.
  case modulusTooWide(
    clients: Int, bits: Int, maxWeight: Int, needed: Int, fitting: FittingRing)
  /// A coordinate is infinite or not a number.
  case nonFinite(coordinate: Int)
  /// A client's weight is not in 1...maxWeight.
  case weight(Int, maxWeight: Int)
  /// More vectors were added than the modulus is made for.
  case tooManyClients(Int, limit: Int)
  /// A vector of the wrong length.
  case length(Int, expected: Int)
  /// A vector of another ring.
  case ring(bits: Int, expected: Int)
  /// Packed bytes that are too few or too many.
  case packedLength(Int, expected: Int)
  /// Packed bytes whose bits after the last element are not 0.
  case padding
  /// The sum's weight is 0 or more than all clients together can have.
  case totalWeight(UInt64, limit: UInt64)
  /// No encodings of that weight add up to this coordinate of the sum: a client broke the rules.
  case impossibleSum(coordinate: Int)
  /// Every rounding was longer than the bound, however often it was drawn again.
  case rounding(attempts: Int)

  /// What would fit into a modulus of 2^63.
  public struct FittingRing: Sendable, Hashable {
    /// The most bits with the given clients and weights, if there are any.
    public let bits: Int?
    /// The largest weight with the given clients and bits, if there is one.
    public let maxWeight: Int?
  }

  /// One sentence that names the thing and what would work.
  public var description: String {
    switch self {
    case .invalid(let name, let value, let reason): "\(name) \(value) \(reason)"
    case .modulusTooWide(let clients, let bits, let maxWeight, let needed, let fitting):
      "the sum of \(clients) vectors of \(bits) bits with weights up to \(maxWeight) needs a modulus"
        + " of \(needed) bits and at most \(MaskRing.maximumBits) are possible; "
        + Self.advice(fitting, bits: bits, maxWeight: maxWeight)
    case .nonFinite(let coordinate): "coordinate \(coordinate) is not finite"
    case .weight(let weight, let maxWeight): "the weight \(weight) is not in 1...\(maxWeight)"
    case .tooManyClients(let count, let limit):
      "\(count) vectors cannot be added: the modulus is made for \(limit)"
    case .length(let count, let expected): "a vector of \(count) elements, expected \(expected)"
    case .ring(let bits, let expected):
      "a vector modulo 2^\(bits), expected one modulo 2^\(expected)"
    case .packedLength(let count, let expected): "\(count) packed bytes, expected \(expected)"
    case .padding: "the bits after the last packed element are not 0"
    case .totalWeight(let weight, let limit):
      "the sum's total weight is \(weight), which is not in 1...\(limit)"
    case .impossibleSum(let coordinate):
      "coordinate \(coordinate) of the sum is larger than vectors of its total weight can make it"
    case .rounding(let attempts):
      "none of \(attempts) random roundings kept the norm bound; take a smaller beta"
    }
  }

  private static func advice(_ fitting: FittingRing, bits: Int, maxWeight: Int) -> String {
    let fewer = fitting.bits.map { "up to \($0) bits fit with these weights" }
    let lighter = fitting.maxWeight.map { "weights up to \($0) with \(bits) bits" }
    let options = [fewer, lighter].compactMap { $0 }
    return options.isEmpty ? "there are too many clients" : options.joined(separator: ", ")
  }
}
