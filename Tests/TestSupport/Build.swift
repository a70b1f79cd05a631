/// Whether the optimiser ran: long statistics and training belong in optimised builds.
public let isOptimizedBuild: Bool = {
  var assertionsRun = false
  assert(
    {
      assertionsRun = true
      return true
    }())
  return !assertionsRun
}()
