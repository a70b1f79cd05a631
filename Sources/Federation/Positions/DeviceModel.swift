public import Components
public import Randomness

/// Position *population*: how clients' devices behave, on the virtual clock.
///
/// Four independent switches: whether a device can be reached, whether its message arrives, how much
/// of its work it completes, and how long it takes. Several models may be named; probabilities then
/// multiply, delays add up, and of completed shares the smallest counts. Without any, everybody is
/// reachable, every message arrives after one unit of time, and all work is done.
///
/// The switches are those of Wang, Fan, Qi, Jin, Wang, Wang 2023, *FLGo: A Fully Customizable Federated
/// Learning Platform*, section 3.3.
public protocol DeviceModel: RoundComponent {
  /// The probability that `device` can be reached at `time`; in [0, 1].
  func availability(of device: Device, at time: Double) -> Double

  /// The earliest time, from `time` on, at which `device` can be reached with a positive probability;
  /// nil for never. Lets the clock skip times at which nobody can be.
  func firstContact(of device: Device, from time: Double) -> Double?

  /// Whether `device` is still there at `time`, when its update is due: otherwise that is lost.
  func isThere(_ device: Device, at time: Double) -> Bool

  /// The probability that what `device` sends gets lost; in [0, 1].
  func lossProbability(of device: Device, round: Int) -> Double

  /// The share of its local steps that `device` completes; in (0, 1].
  func completeness(of device: Device, round: Int, using generator: inout Generator) -> Double

  /// How long `device` takes for `work`, in units of the virtual clock; nil if this model does not say.
  func delay(of device: Device, work: DeviceWork, using generator: inout Generator) -> Double?
}

extension DeviceModel {
  /// Always.
  public func availability(of device: Device, at time: Double) -> Double { 1 }
  /// Now, or if not now, perhaps after one unit of time.
  public func firstContact(of device: Device, from time: Double) -> Double? {
    availability(of: device, at: time) > 0 ? time : time + 1
  }
  /// Yes.
  public func isThere(_ device: Device, at time: Double) -> Bool { true }
  /// Never.
  public func lossProbability(of device: Device, round: Int) -> Double { 0 }
  /// All of them.
  public func completeness(
    of device: Device, round: Int, using generator: inout Generator
  ) -> Double { 1 }
  /// Not said.
  public func delay(
    of device: Device, work: DeviceWork, using generator: inout Generator
  ) -> Double? { nil }
}

/// What a device model may know of a client.
public struct Device: Sendable, Hashable {
  /// The client, from 0.
  public let client: Int
  /// How many clients there are.
  public let population: Int
  /// Its training examples of each class.
  public let labelCounts: [Int]
  /// The most training examples any client has.
  public let largestCount: Int
  /// The fewest.
  public let smallestCount: Int
  /// A stream of the device's own, the same in every round: for traits that stay, such as its speed.
  public let traits: Generator

  /// Its training examples.
  public var examples: Int { labelCounts.reduce(0, +) }

  package init(
    client: Int, population: Int, labelCounts: [Int], largestCount: Int, smallestCount: Int,
    traits: Generator
  ) {
    self.client = client
    self.population = population
    self.labelCounts = labelCounts
    self.largestCount = largestCount
    self.smallestCount = smallestCount
    self.traits = traits
  }

  /// Equal for the same client of the same population.
  public static func == (left: Device, right: Device) -> Bool {
    left.client == right.client && left.population == right.population
  }
  /// By client.
  public func hash(into hasher: inout Hasher) { hasher.combine(client) }
}

/// What a device has to do in one round.
public struct DeviceWork: Sendable, Hashable {
  /// The round, from 0.
  public let round: Int
  /// Examples that pass through training: batch size times steps.
  public let examples: Int
  /// Bytes to the device.
  public let bytesDown: Int
  /// Bytes from it.
  public let bytesUp: Int

  package init(round: Int, examples: Int, bytesDown: Int, bytesUp: Int) {
    self.round = round
    self.examples = examples
    self.bytesDown = bytesDown
    self.bytesUp = bytesUp
  }
}

/// The null device model: everybody is reachable, all messages arrive, after one unit of time.
public struct IdealDevices: DeviceModel {
  /// Name and meaning.
  public static let card = Card(
    name: "ideal", summary: "Every client is reachable, does all its work and answers in time 1.")

  /// No trouble.
  public init(_ parameters: NoParameters = NoParameters()) {}
}

extension Role {
  /// How clients' devices behave.
  public static let population = Role(rawValue: "population")
}
