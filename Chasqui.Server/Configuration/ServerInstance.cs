namespace Chasqui.Server.Configuration;

/// <summary>Identifies this process among the servers that share a database.</summary>
internal sealed class ServerInstance
{
    public Guid Id { get; } = Guid.CreateVersion7();
}
