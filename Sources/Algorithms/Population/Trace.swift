public import Components
public import Datasets
public import Federation

/// Devices that can be reached when a recorded trace says so.
///
///     k is reachable at t  ⇔  on_i ≤ (start + t · time-unit) mod length ≤ off_i for some i
///
/// The file is a table with the columns `device`, `active` and `inactive`, one interval a row, or a JSON
/// object with an object `{"active": [...], "inactive": [...], "finish_time": ...}` for each device: the
/// dictionary of FedScale's `client_behave_trace`, written as JSON. Clients take the devices in the order
/// of the file; when there are more clients than devices, from the first again. A trace starts over after
/// `length`, without one after the device's `finish_time`, without that after the last time of the file.
///
/// A device that is off when its update is due loses it, as in FedScale, unless `keeps-updates`. When
/// nobody can be reached, the clock goes on to the first time at which somebody can.
///
/// Source: Lai et al. 2022, *FedScale: Benchmarking Model and System Performance of Federated Learning at
/// Scale* (availability traces), as its client metadata reads them. FedScale looks one
/// interval further at each question; here every time is looked up by itself.
public struct Trace: DeviceModel {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The trace.
    public var file = DataPath("")
    /// How much of the trace's time one unit of the clock is.
    public var timeUnit = 1.0
    /// The place in the trace at which the run starts.
    public var start = 0.0
    /// After how much of the trace's time it starts over; 0: as the file says.
    public var length = 0.0
    /// Whether updates arrive from devices that are off when they are due.
    public var keepsUpdates = false
    /// The first digits of the file's SHA-256; once read, of the file that was.
    public var checksum = ""

    /// No file yet.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "trace",
    summary: "Devices can be reached when a recorded trace of on and off times says so.",
    formula: "on_i <= (start + t time-unit) mod length <= off_i for some i",
    citation: "Lai et al. 2022 (FedScale), client system traces",
    parameters: [
      .init(
        "file", "CSV with columns device, active, inactive, or FedScale's dictionary as JSON",
        range: "a path, relative to the experiment file"),
      .init(
        "time-unit", "how much of the trace's time one unit of the clock is",
        range: "greater than 0"),
      .init("start", "the place in the trace at which the run starts", range: "at least 0"),
      .init(
        "length", "when the trace starts over; 0: after finish_time, or the last time of the file",
        range: "at least 0"),
      .init(
        "keeps-updates", "whether updates arrive from devices that are off by then",
        range: "true or false"),
      .init(
        "checksum", "first digits of the file's SHA-256, to refuse another file",
        range: "up to 16 hexadecimal digits; \"\" for any"),
    ])

  /// No file.
  public static let defaults = Parameters()

  /// The parameters in force, with the checksum of the file that was read.
  public let parameters: Parameters
  private let devices: [OnOffTrace]

  /// Availability by these parameters.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range, and for the file the row or device
  ///   of its first mistake.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("file", !parameters.file.isEmpty, "must be the path of a trace", got: "nothing")
    check.positive("time-unit", parameters.timeUnit)
    for (key, value) in [("start", parameters.start), ("length", parameters.length)] {
      check.notNegative(key, value)
    }
    try check.finish()
    let table: DeviceTable
    do {
      table = try DeviceTable(
        parameters.file.resolved, columns: ["active", "inactive"], optional: ["finish_time"])
      devices = try Self.traces(
        table, file: parameters.file.resolved, length: parameters.length)
    } catch {
      throw ParameterError("file", "\(error)")
    }
    self.parameters = try table.stamped(parameters, \.checksum)
  }

  /// The traces of a table: one for each device, in order.
  package static func traces(
    _ table: DeviceTable, file: String, length: Double
  ) throws(DeviceFileError) -> [OnOffTrace] {
    let last = table.entries.reduce(0) { max($0, $1.columns[1].max() ?? 0) }
    var traces: [OnOffTrace] = []
    for entry in table.entries {
      let (on, off) = (entry.columns[0], entry.columns[1])
      let place = "\(file), device '\(entry.name.prefix(40))'"
      guard on.count == off.count else {
        throw DeviceFileError(
          "\(place): \(on.count) times in 'active' and \(off.count) in 'inactive'; "
            + "each interval needs both")
      }
      let own = entry.columns.count > 2 ? entry.columns[2].first : nil
      let end = length > 0 ? length : own ?? last
      guard end > 0 else {
        throw DeviceFileError(
          "\(place): its trace has length \(end); set 'length' to when it starts over")
      }
      do {
        traces.append(try OnOffTrace(on: on, off: off, length: end))
      } catch {
        let row = error.index < entry.lines.count ? ", row \(entry.lines[error.index])" : ""
        throw DeviceFileError(
          "\(file)\(row), device '\(entry.name.prefix(40))': \(error.message)")
      }
    }
    return traces
  }

  /// 1 where the trace is on, else 0. O(log intervals).
  public func availability(of device: Device, at time: Double) -> Double {
    isOn(device, at: time) ? 1 : 0
  }

  /// The next start of an interval, or now within one.
  public func firstContact(of device: Device, from time: Double) -> Double? {
    guard !isOn(device, at: time) else { return time }
    guard let place = trace(of: device).firstOn(from: place(time)) else { return nil }
    var next = (place - parameters.start) / parameters.timeUnit
    // Taking away and dividing may round to a time just before the interval.
    let step = max(next.ulp, place.ulp / parameters.timeUnit)
    for _ in 0..<16 where !isOn(device, at: next) { next += step }
    return next
  }

  /// Whether its update arrives.
  public func isThere(_ device: Device, at time: Double) -> Bool {
    parameters.keepsUpdates || isOn(device, at: time)
  }

  private func isOn(_ device: Device, at time: Double) -> Bool {
    trace(of: device).isOn(at: place(time))
  }

  private func place(_ time: Double) -> Double { parameters.start + time * parameters.timeUnit }

  private func trace(of device: Device) -> OnOffTrace { devices[device.client % devices.count] }
}
