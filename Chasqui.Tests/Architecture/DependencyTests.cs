using System.Reflection;
using Chasqui.Protocol;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Tests.Architecture;

/// <summary>The arrows of the design, held against what was compiled.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Sql = ["Dapper.", "Microsoft.Data.", "System.Data."];
    private static readonly Assembly Protocol = typeof(IChatHub).Assembly;
    private static readonly Dictionary<string, HashSet<string>> Server = TypeReferences.Of(typeof(ChatHub).Assembly);

    [Fact]
    public void TheProtocolNeedsNothingButSignalRCommon()
    {
        var allowed = new HashSet<string>();
        Allow(typeof(Microsoft.AspNetCore.SignalR.HubException).Assembly);

        Assert.DoesNotContain(
            Protocol.GetReferencedAssemblies().Select(name => name.Name!),
            name => !name.StartsWith("System.", StringComparison.Ordinal) && !allowed.Contains(name));

        void Allow(Assembly assembly)
        {
            if (allowed.Add(assembly.GetName().Name!))
            {
                foreach (var reference in assembly.GetReferencedAssemblies())
                {
                    Allow(Assembly.Load(reference));
                }
            }
        }
    }

    [Fact]
    public void TheRawTransportKnowsNoSqlAndNoMessages()
    {
        var messages = Protocol.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(ClientFrame)) || type.IsAssignableTo(typeof(ServerEvent))
                || type.IsAssignableTo(typeof(Message)) || type == typeof(Conversation) || type == typeof(Member))
            .Select(type => type.FullName!)
            .ToHashSet();
        Assert.Contains("Chasqui.Protocol.SendMessage", messages);

        AssertNone(
            TypesIn("Chasqui.Server.Transports.RawWebSocket"),
            name => messages.Contains(name) || Sql.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
    }

    [Fact]
    public void OnlyTransportsKnowSockets() => AssertNone(
        Server.Keys.Where(type => !type.StartsWith("Chasqui.Server.Transports.", StringComparison.Ordinal)
            && !type.StartsWith("Chasqui.Server.FrameworkWorkarounds.", StringComparison.Ordinal)),
        name => name is "System.Net.WebSockets.WebSocket" or "System.Net.WebSockets.ManagedWebSocket");

    [Fact]
    public void OnlyStorageKnowsTheDatabases() => AssertNone(
        Server.Keys.Where(type => !type.StartsWith("Chasqui.Server.Storage.", StringComparison.Ordinal)),
        name => name.StartsWith("Npgsql.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Data.", StringComparison.Ordinal)
            || name is "Chasqui.Server.Storage.Postgres.PostgresWriteSession" or "Chasqui.Server.Storage.Sqlite.SqliteWriteSession");

    [Fact]
    public void TheHubKnowsNoJsonNoHttpAndNoSql() => AssertNone(
        ["Chasqui.Server.Transports.SignalR.ChatHub"],
        name => name.StartsWith("System.Text.Json.", StringComparison.Ordinal)
            || name is "Microsoft.AspNetCore.Http.HttpContext" or "Microsoft.AspNetCore.Http.IHttpContextAccessor"
                or "Microsoft.AspNetCore.SignalR.GetHttpContextExtensions"
            || Sql.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));

    [Fact]
    public void StoresKnowNoSignalR()
    {
        var stores = Server.Keys.Where(type => type.EndsWith("Store", StringComparison.Ordinal)).ToArray();
        Assert.Contains("Chasqui.Server.Messages.MessageStore", stores);

        AssertNone(
            [.. stores, .. TypesIn("Chasqui.Server.Storage")],
            name => name.StartsWith("Microsoft.AspNetCore.SignalR.", StringComparison.Ordinal));
    }

    /// <summary>Without this the others could pass because nothing is seen.</summary>
    [Theory]
    [InlineData("Chasqui.Server.Transports.SignalR.ChatHub", "Chasqui.Server.Messages.MessageLog")]
    [InlineData("Chasqui.Server.Transports.SignalR.ChatHub", "Chasqui.Protocol.Welcome")]
    [InlineData("Chasqui.Server.Transports.RawWebSocket.RawAdapter", "System.Net.WebSockets.WebSocket")]
    [InlineData("Chasqui.Server.Tasks.TaskStore", "Dapper.SqlMapper")]
    [InlineData("Chasqui.Server.Transports.SignalR.ChatLifetimeManager", "Microsoft.AspNetCore.SignalR.HubConnectionContext")]
    [InlineData("Chasqui.Server.Transports.SignalR.RefusalFilter", "Microsoft.AspNetCore.SignalR.HubException")]
    public void EveryReferenceOfTypeIsRead(string type, string reference) => Assert.Contains(reference, Server[type]);

    private static string[] TypesIn(string space)
    {
        var types = Server.Keys.Where(type => type.StartsWith(space + ".", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(types);
        return types;
    }

    private static void AssertNone(IEnumerable<string> types, Func<string, bool> forbidden) => Assert.Empty(
        types.SelectMany(type => Server[type].Where(forbidden).Select(reference => $"{type} -> {reference}")));
}
