package import CryptoCore
internal import SecretSharing

// MARK: - Keys

extension MaskingClient {
  func drawSecrets(_ source: inout any SecretSource) throws(MaskingError) -> OwnSecrets {
    let channelKey: X25519.PrivateKey
    do { channelKey = try X25519.PrivateKey(using: &source) } catch { throw .randomness(error) }
    let maskSecret = try drawing { () throws(SharingError) in
      try Shamir.randomSecret(using: &source)
    }
    let selfSecret = try drawing { () throws(SharingError) in
      try Shamir.randomSecret(using: &source)
    }
    let maskKey = schedule.maskKey(of: id, from: maskSecret)
    return OwnSecrets(
      channelKey: channelKey, maskSecret: maskSecret, maskKey: maskKey, selfSecret: selfSecret,
      advertisement: KeyAdvertisement(
        channelKey: channelKey.publicKey, maskKey: maskKey.publicKey,
        commitment: SecretCommitment(to: selfSecret, label: schedule.commitmentLabel(of: id)).bytes)
    )
  }

  /// Sharing one's own secrets fails only for want of randomness.
  private func drawing<Value>(
    _ draw: () throws(SharingError) -> Value
  ) throws(MaskingError) -> Value {
    do {
      return try draw()
    } catch {
      if case .randomness(let failure) = error { throw .randomness(failure) }
      throw .randomness(.init(reason: "\(error)"))
    }
  }

  /// The listed keys are those of neighbours, sound and all different, its own as it sent them, and
  /// signed by their owners in an `active` session; and they are enough.
  func check(_ listed: KeyDirectory, _ own: OwnSecrets) throws(MaskingError) {
    let neighbours = Set(session.neighbours(of: id))
    var owners: [[UInt8]: Int] = [:]
    var isListed = false
    for entry in listed.entries {
      if entry.client == id {
        guard entry.keys == own.advertisement else { throw .aborted(.ownKeysReplaced) }
        isListed = true
      } else if !neighbours.contains(entry.client) {
        throw .aborted(.unexpectedClient(entry.client, in: .keyDirectory))
      }
      guard entry.keys.fault == nil else { throw .aborted(.badKey(entry.client)) }
      for key in [entry.keys.channelKey, entry.keys.maskKey] {
        if let other = owners.updateValue(entry.client, forKey: key.bytes) {
          throw .aborted(.repeatedKey(other, entry.client))
        }
      }
      if let signature = entry.signature {
        guard
          Envelope.isSigned(
            entry.keys.encoded(), .keyAdvertisement, by: .client(entry.client), for: .server,
            in: session, signature, registry: registry)
        else { throw .aborted(.unsignedKeys(entry.client)) }
      }
    }
    guard isListed else { throw .aborted(.ownKeysReplaced) }
    guard listed.entries.count >= session.threshold else {
      throw .aborted(
        .tooFew(have: listed.entries.count, needed: session.threshold, at: .keyAdvertisement))
    }
  }
}

// MARK: - Shares

extension MaskingClient {
  /// Shares both secrets among the listed clients and encrypts each one's two shares for it.
  func share(
    _ own: OwnSecrets, among listed: KeyDirectory, _ source: inout any SecretSource
  ) throws(MaskingError) -> (Directory, EncryptedShares) {
    let points = listed.entries.map { session.point(of: $0.client) }
    let maskShares = try drawing { () throws(SharingError) in
      try Shamir.share(
        own.maskSecret, threshold: session.threshold, points: points, using: &source)
    }
    let selfShares = try drawing { () throws(SharingError) in
      try Shamir.share(
        own.selfSecret, threshold: session.threshold, points: points, using: &source)
    }
    var peers: [Int: Peer] = [:]
    var ownSelfShare = own.selfSecret
    var entries: [EncryptedShares.Entry] = []
    for (place, entry) in listed.entries.enumerated() {
      guard entry.client != id else {
        ownSelfShare = selfShares[place].value
        continue
      }
      let agreed: SecretBytes
      do { agreed = try own.channelKey.sharedSecret(with: entry.keys.channelKey) } catch {
        throw .aborted(.badKey(entry.client))
      }
      peers[entry.client] = Peer(keys: entry.keys, agreed: agreed)
      let key = schedule.shareKey(
        from: (id, own.channelKey.publicKey), to: (entry.client, entry.keys.channelKey),
        agreed: agreed)
      let ciphertext = AESGCM.seal(
        SecretBytes(joining: [maskShares[place].value, selfShares[place].value]), key: key,
        nonce: KeySchedule.nonce,
        associatedData: schedule.shareHeader(from: id, to: entry.client))
      entries.append(.init(client: entry.client, ciphertext: ciphertext))
    }
    return (Directory(peers: peers, ownSelfShare: ownSelfShare), EncryptedShares(entries: entries))
  }
}

// MARK: - Masks

extension MaskingClient {
  /// Adds the self mask and the masks agreed with everybody whose shares have come.
  func mask(
    _ input: inout RingVector, _ own: OwnSecrets, _ directory: Directory, _ shares: EncryptedShares
  ) throws(MaskingError) -> Received {
    guard shares.entries.count + 1 >= session.threshold else {
      throw .aborted(
        .tooFew(
          have: shares.entries.count + 1, needed: session.threshold, at: .shareDistribution))
    }
    var terms = [MaskTerm(schedule.selfMask(of: id, from: own.selfSecret), .plus)]
    var received = Received(ciphertexts: [:], keys: [:], ownSelfShare: directory.ownSelfShare)
    for entry in shares.entries {
      guard let peer = directory.peers[entry.client] else {
        throw .aborted(.unexpectedClient(entry.client, in: .shareDelivery))
      }
      let keys = peer.keys
      let agreed: SecretBytes
      do { agreed = try own.maskKey.sharedSecret(with: keys.maskKey) } catch {
        throw .aborted(.badKey(entry.client))
      }
      let seed = schedule.pairMask(
        (id, own.maskKey.publicKey), (entry.client, keys.maskKey), agreed: agreed)
      terms.append(MaskTerm(seed, KeySchedule.sign(of: id, with: entry.client)))
      received.ciphertexts[entry.client] = entry.ciphertext
      received.keys[entry.client] = schedule.shareKey(
        from: (entry.client, keys.channelKey), to: (id, own.channelKey.publicKey),
        agreed: peer.agreed)
    }
    input.addMasks(terms)
    return received
  }
}

// MARK: - Unmasking

extension MaskingClient {
  /// The list has this client and only clients whose shares it has, and enough of them.
  func check(_ survivors: SurvivorList, _ received: Received) throws(MaskingError) {
    guard survivors.clients.contains(id) else { throw .aborted(.declaredDropped) }
    let neighbours = Set(session.neighbours(of: id))
    var near = 1
    for client in survivors.clients where neighbours.contains(client) {
      guard received.ciphertexts[client] != nil else {
        throw .aborted(.survivorWithoutShares(client))
      }
      near += 1
    }
    guard near >= session.threshold else {
      throw .aborted(.tooFew(have: near, needed: session.threshold, at: .maskedInput))
    }
    guard survivors.clients.count >= session.quorum else {
      throw .aborted(
        .tooFew(have: survivors.clients.count, needed: session.quorum, at: .maskedInput))
    }
  }

  /// Enough of the survivors have signed the same list.
  func check(_ proof: ConsistencyProof, _ survivors: SurvivorList) throws(MaskingError) {
    let list = survivors.encoded(in: session)
    let members = Set(survivors.clients)
    for entry in proof.entries {
      guard members.contains(entry.client) else {
        throw .aborted(.unexpectedClient(entry.client, in: .consistencyProof))
      }
      guard
        Envelope.isSigned(
          list, .consistencySignature, by: .client(entry.client), for: .server, in: session,
          entry.signature, registry: registry)
      else { throw .aborted(.inconsistentSurvivors(signer: entry.client)) }
    }
    guard proof.entries.count >= session.quorum else {
      throw .aborted(.tooFewSignatures(have: proof.entries.count, needed: session.quorum))
    }
  }

  /// A share of one secret of each client that shared with this one: of a survivor's self mask, of
  /// another's mask key. Shares that do not decrypt are left out: others have theirs.
  func opened(_ received: Received, _ survivors: SurvivorList) -> UnmaskingShares {
    let members = Set(survivors.clients)
    var entries = [UnmaskingShares.Entry(client: id, share: .selfMask(received.ownSelfShare))]
    for (client, ciphertext) in received.ciphertexts {
      guard let key = received.keys[client],
        let shares = try? AESGCM.open(
          ciphertext, key: key, nonce: KeySchedule.nonce,
          associatedData: schedule.shareHeader(from: client, to: id)),
        shares.count == 64
      else { continue }
      entries.append(
        .init(
          client: client,
          share: members.contains(client) ? .selfMask(shares[32..<64]) : .maskKey(shares[0..<32])))
    }
    return UnmaskingShares(entries: entries.sorted { $0.client < $1.client })
  }
}

extension RingVector {
  /// Adds or subtracts masks in place.
  package mutating func addMasks(_ terms: [MaskTerm], workers: Int = 1) {
    let width = ring.bits
    if ring.isNarrow {
      withMutableNarrowWords { MaskGenerator.add(terms, to: &$0, width: width, workers: workers) }
    } else {
      withMutableWideWords { MaskGenerator.add(terms, to: &$0, width: width, workers: workers) }
    }
  }
}
