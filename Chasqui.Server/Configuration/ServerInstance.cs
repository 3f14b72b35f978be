namespace Chasqui.Server.Configuration;

/// <summary>This server among those that share a database, from its start to its end.</summary>
internal sealed class ServerInstance
{
    public Guid Id { get; } = Guid.CreateVersion7();
}
