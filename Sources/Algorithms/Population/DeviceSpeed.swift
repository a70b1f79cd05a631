public import Components
public import Datasets
public import Federation
public import Randomness

/// Devices as fast as a recorded table of real ones says.
///
///     delay = (passes · examples · ms per example / 1000 + kbit (down + up) / (kbit/s)) / time-unit
///
/// Examples are batch size times steps; a training step costs `passes` = 3 inferences, one forward and
/// twice that backward. The file is a table with the columns `device`, `computation` (milliseconds an
/// example, of inference) and `communication` (kbit/s), or a JSON object with an object
/// `{"computation": ..., "communication": ...}` for each device: the dictionary of FedScale's
/// `client_device_capacity`, written as JSON. Clients take the devices in the order of the file; when there
/// are more clients than devices, from the first again. One kbit is 1000 bits.
///
/// Source: Lai et al. 2022, *FedScale: Benchmarking Model and System Performance of Federated Learning at
/// Scale*, as its client metadata computes completion times.
public struct DeviceSpeed: DeviceModel {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The table.
    public var file = DataPath("")
    /// Seconds in one unit of the clock.
    public var timeUnit = 1.0
    /// What a training step costs, in inferences.
    public var passes = 3.0
    /// The first digits of the file's SHA-256; once read, of the file that was.
    public var checksum = ""

    /// No file yet.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "device-speed",
    summary: "Devices compute and send as fast as a recorded table of real ones says.",
    formula: "delay = (passes examples ms/1000 + kbit / (kbit/s)) / time-unit",
    citation: "Lai et al. 2022 (FedScale), client system traces",
    parameters: [
      .init(
        "file",
        "CSV with columns device, computation (ms), communication (kbit/s), or FedScale's as JSON",
        range: "a path, relative to the experiment file"),
      .init("time-unit", "seconds in one unit of the clock", range: "greater than 0"),
      .init("passes", "what a training step costs, in inferences", range: "at least 0"),
      .init(
        "checksum", "first digits of the file's SHA-256, to refuse another file",
        range: "up to 16 hexadecimal digits; \"\" for any"),
    ])

  /// No file.
  public static let defaults = Parameters()

  /// The parameters in force, with the checksum of the file that was read.
  public let parameters: Parameters
  private let devices: [(milliseconds: Double, bandwidth: Double)]

  /// Delays by these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range, and for the file the row or device
  ///   of its first mistake.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("file", !parameters.file.isEmpty, "must be the path of a table", got: "nothing")
    check.positive("time-unit", parameters.timeUnit)
    check.notNegative("passes", parameters.passes)
    try check.finish()
    let table: DeviceTable
    do {
      table = try DeviceTable(
        parameters.file.resolved, columns: ["computation", "communication"])
      devices = try Self.speeds(table, file: parameters.file.resolved)
    } catch {
      throw ParameterError("file", "\(error)")
    }
    self.parameters = try table.stamped(parameters, \.checksum)
  }

  /// The speeds of a table: of each device, in order.
  static func speeds(
    _ table: DeviceTable, file: String
  ) throws(DeviceFileError) -> [(milliseconds: Double, bandwidth: Double)] {
    var speeds: [(milliseconds: Double, bandwidth: Double)] = []
    for entry in table.entries {
      let row = entry.lines.last.map { ", row \($0)" } ?? ""
      let place = "\(file)\(row), device '\(entry.name.prefix(40))'"
      guard entry.columns.allSatisfy({ $0.count == 1 }) else {
        throw DeviceFileError("\(place): expected one speed a device, there are several or none")
      }
      let (milliseconds, bandwidth) = (entry.columns[0][0], entry.columns[1][0])
      guard milliseconds >= 0 else {
        throw DeviceFileError("\(place): 'computation' is \(milliseconds), expected 0 or more")
      }
      guard bandwidth > 0 else {
        throw DeviceFileError("\(place): 'communication' is \(bandwidth), expected more than 0")
      }
      speeds.append((milliseconds, bandwidth))
    }
    return speeds
  }

  /// The delay. O(1).
  public func delay(
    of device: Device, work: DeviceWork, using generator: inout Generator
  ) -> Double? {
    let speed = devices[device.client % devices.count]
    let compute = parameters.passes * Double(work.examples) * speed.milliseconds / 1000
    let send = Double(work.bytesDown + work.bytesUp) * 8 / 1000 / speed.bandwidth
    return (compute + send) / parameters.timeUnit
  }
}
