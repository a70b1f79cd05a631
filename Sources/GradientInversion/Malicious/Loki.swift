public import Learning
public import Randomness
public import Tensors

/// An imprint for every client of a secure sum: each client is sent convolution kernels that let
/// its image through on channels of its own, so its examples light units of their own, and the sum
/// of all updates falls apart into the clients' parts.
///
/// The model is a 1x1 convolution onto `clients` copies of the image's channels, a dense layer of
/// `bins` units for each client that reads that client's copy, a rectifier, and a dense head.
/// Client i gets the identity on copy i and zeros elsewhere; then another client's units see only
/// their threshold, which must be positive, and stay shut. The server must be able to send each
/// client weights of its own.
///
/// Source: Zhao, Sharma, Elkordy, Ezzeldin, Avestimehr, Bagchi, LOKI, IEEE S&P 2024, section 4:
/// client-wise kernels before an imprint. Here every client has units of its own, so that biases
/// need not be shared.
public struct Loki: Sendable, Hashable {
  /// Clients of the sum.
  public let clients: Int
  /// The bins of each; cumulative, with positive thresholds.
  public let imprint: Imprint
  /// The model.
  public let network: Network
  private let channels: Int
  private let area: Int

  /// The attack's model for images of a shape.
  ///
  /// - Throws: `InversionError` if a threshold is not positive, or the imprint does not fit the
  ///   shape; `LearningError` if the model cannot be made.
  public init(clients: Int, imprint: Imprint, shape: ImageShape, classes: Int) throws {
    guard imprint.form == .cumulative, imprint.thresholds.allSatisfy({ $0 > 0 }) else {
      throw InversionError.invalid(
        what: "the thresholds of the imprint", got: "\(imprint.thresholds.first ?? 0)",
        requirement: "must be positive and cumulative, so that an empty copy opens no unit")
    }
    guard imprint.query.count == shape.count, clients >= 1 else {
      throw InversionError.sizeMismatch(
        what: "weights of the query", got: imprint.query.count, expected: "\(shape.count)")
    }
    self.clients = clients
    self.imprint = imprint
    (channels, area) = (shape.channels, shape.area)
    network = try Network(
      input: [shape.channels, shape.height, shape.width],
      [
        .convolution(
          Convolution(outputs: clients * shape.channels, kernel: 1, bias: false)), .flatten,
        .dense(outputs: clients * imprint.thresholds.count), .relu, .dense(outputs: classes),
      ])
  }

  /// The weights for one client.
  ///
  /// - Precondition: `client` is one of the clients.
  public func parameters(for client: Int, using generator: inout Generator) throws -> Vector {
    precondition(client >= 0 && client < clients, "client \(client) of \(clients)")
    var weights = network.initialParameters(using: &generator).array
    // Kernels [out][in]: the identity on the client's copy.
    for output in 0..<(clients * channels) {
      for input in 0..<channels {
        weights[output * channels + input] =
          output / channels == client && output % channels == input ? 1 : 0
      }
    }
    let dense = try DenseTensors("fc1", of: network)
    let (units, width) = (imprint.thresholds.count, channels * area)
    for unit in 0..<dense.outputs {
      let (owner, bin) = (unit / units, unit % units)
      let start = dense.row(unit).lowerBound
      for place in 0..<dense.inputs {
        weights[start + place] =
          place / width == owner ? Float(imprint.query[place % width]) : 0
      }
      weights[dense.bias.lowerBound + unit] = Float(-imprint.thresholds[bin])
    }
    let head = try DenseTensors("fc2", of: network)
    for output in 0..<head.outputs {
      for place in head.row(output) { weights[place] = 1e-3 * Float(output % 7 - 3) }
    }
    return Vector(weights)
  }

  /// Every client's bins, by the sum of all gradients.
  ///
  /// - Throws: `InversionError` if the sum does not fit the model.
  public func extract(
    _ sum: [Double], threshold: Double = 1e-5
  ) throws(InversionError) -> [[Imprint.Bin]] {
    guard sum.count == network.parameterCount else {
      throw .sizeMismatch(
        what: "values of the sum", got: sum.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    let dense = try DenseTensors("fc1", of: network)
    let (units, width) = (imprint.thresholds.count, channels * area)
    return (0..<clients).map { client in
      let rows = (0..<units).map { bin -> (bias: Double, weight: [Double]) in
        let unit = client * units + bin
        let start = dense.row(unit).lowerBound + client * width
        return (sum[dense.bias.lowerBound + unit], Array(sum[start..<(start + width)]))
      }
      return imprint.bins(of: rows, threshold: threshold)
    }
  }
}
