public import Components
internal import Federation

/// Every model of clients' devices, in the order to list them; a test compares it with this folder.
public let populationCatalogue: [any Component.Type] = [
  IdealDevices.self,
  Availability.self,
  Diurnal.self,
  Trace.self,
  Churn.self,
  MessageLoss.self,
  PartialWork.self,
  Latency.self,
  DeviceSpeed.self,
]
