package io.tombolo.services;

import io.tombolo.trust.Announcement;
import io.tombolo.trust.SignedAnnouncement;

/**
 * What a peer announced and was accepted.
 *
 * @param acknowledged highest sequence of our own announcements that the peer says it holds; 0: none
 */
public record AcceptedAnnouncement(SignedAnnouncement signed, Announcement announcement, long acknowledged) {}
