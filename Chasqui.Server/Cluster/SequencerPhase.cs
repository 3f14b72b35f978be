namespace Chasqui.Server.Cluster;

/// <summary>What a sequencer does. Until its read ends, a phase gives way to later ones only.</summary>
internal enum SequencerPhase
{
    /// <summary>No connection has joined, so the next <c>seq</c> is unknown. Messages become pending.</summary>
    Starting,

    /// <summary>Messages are delivered as they come.</summary>
    Live,

    /// <summary>As live. The database is read after a short delay, if the gap is still there.</summary>
    ResyncDelayed,

    /// <summary>As live. The database is read as soon as a place among the readers is free.</summary>
    ResyncQueued,

    /// <summary>The database is being read. Messages become pending, and no join completes.</summary>
    Resyncing,

    /// <summary>There are no connections; the next join gets a new sequencer.</summary>
    Ended,
}
