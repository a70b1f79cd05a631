extension PrivacyLedger {
  /// What was recorded, as events an epsilon can be computed of: one for each entry.
  ///
  /// A recorded release becomes an event only if its sampling is one that amplification is proven for
  /// and really was as declared; ranges count at their worst end:
  ///
  /// - `poisson`: the greatest probability of inclusion. Who was reachable is taken as known, so
  ///   availability amplifies nothing.
  /// - `fixedSize`: the largest cohort of the fewest reachable clients.
  /// - `everybody`, `cyclic`: no amplification.
  ///
  /// Cohorts of `fixedSize`, `cyclic` and `everybody` have a size that the aggregate was divided by and that
  /// everybody knows, which says nothing under add-remove: that relation keeps the size secret.
  ///
  /// A release without a guarantee becomes a `nonPrivate` event, whatever its sampling.
  ///
  /// - Parameters:
  ///   - adjacency: The relation.
  ///   - unit: The level; a round bounds what a *client* contributes, so only `client`.
  /// - Throws: `AccountingError.unaccountable` with the reason why an entry is no event.
  public func events(
    adjacency: Adjacency, unit: PrivacyUnit = .client
  ) throws(AccountingError) -> [PrivacyEvent] {
    guard unit == .client else {
      throw .unaccountable(
        "rounds bound what one client adds to an aggregate, so a run's ledger speaks of the level "
          + "client, not \(unit.rawValue) (what holds for a client also holds for all records and "
          + "users that are only with it)")
    }
    var events: [PrivacyEvent] = []
    for entry in entries where entry.count > 0 {
      if case .nonPrivate = entry.mechanism {
        events.append(
          try PrivacyEvent(.nonPrivate, adjacency: adjacency, unit: unit, count: entry.count))
        continue
      }
      guard let sampling = try entry.accountableSampling(adjacency) else { continue }
      events.append(
        try PrivacyEvent(
          entry.mechanism, sampling: sampling, adjacency: adjacency, unit: unit,
          count: entry.count))
    }
    return events
  }
}

extension PrivacyLedger.Entry {
  /// The sampling that amplification may count on; nil where nobody can have been drawn.
  fileprivate func accountableSampling(
    _ adjacency: Adjacency
  ) throws(AccountingError) -> Sampling? {
    func refuse(_ reason: String) -> AccountingError {
      .unaccountable(
        "of \(count) release\(count == 1 ? "" : "s") with \(mechanism.name) noise, \(reason)")
    }
    if sampling.draws.upperBound > 1 {
      throw refuse(
        "up to \(sampling.draws.upperBound) cohorts were drawn for one aggregate, so a client may "
          + "be in it more than once; there is no event for that")
    }
    func refusePublicSize() throws(AccountingError) {
      guard adjacency == .addRemove else { return }
      throw refuse(
        "the number of clients is public and divides the aggregate, but add-remove keeps it "
          + "secret; ask for zero-out or replace-one")
    }
    switch sampling.scheme {
    case .poisson:
      let rate = sampling.probabilities.upperBound
      return rate > 0 ? .poisson(rate: min(rate, 1)) : nil
    case .everybody, .cyclic:
      try refusePublicSize()
      return .everyone
    case .fixedSize:
      try refusePublicSize()
      guard let size = sampling.size?.upperBound else {
        throw refuse("the cohorts' size was not recorded")
      }
      let reachable = sampling.reachable.lowerBound
      return size < reachable ? .fixedSize(size: size, population: reachable) : .everyone
    case .weighted:
      throw refuse(
        "clients were drawn with unequal, dependent probabilities: removing one changes how likely "
          + "the others are, and no amplification is proven; draw with uniform-sampling or "
          + "poisson-sampling")
    case .withReplacement:
      throw refuse(
        "cohorts were drawn with replacement, so a client may be in one more than once; draw with "
          + "uniform-sampling or poisson-sampling")
    case .undeclared:
      throw refuse(
        "how the clients were drawn was not declared: it may have depended on their data; draw "
          + "with uniform-sampling or poisson-sampling")
    }
  }
}
